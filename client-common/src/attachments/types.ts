import type { Attachment } from '@parley/common/contract';

/** A file as it is shown; `id` is `null` until the server has all of it. */
export type AttachmentItem = Pick<
  Attachment,
  'name' | 'contentType' | 'size' | 'kind' | 'width' | 'height' | 'durationMs' | 'thumbnail'
> & { readonly id: string | null };

/** A file that is being sent. */
export type OutgoingFile = AttachmentItem & {
  /** Of the chosen file, in milliseconds since the epoch; `null` where the platform does not know it. */
  readonly lastModified?: number | null;
};

/** The file itself, or its thumbnail where it has one. */
export type AttachmentVariant = 'original' | 'thumbnail';

/** `waiting` for its turn or a connection · `checking`: all bytes are uploaded, the server checks them. */
export type UploadPhase = 'waiting' | 'sending' | 'paused' | 'checking';

/** How much of a message's file is uploaded. */
export interface UploadProgress {
  readonly phase: UploadPhase;
  /** Bytes that the store has, or that are being sent to it. */
  readonly sentBytes: number;
  readonly size: number;
}
