import type { Attachment } from '@parley/common/contract';

import type { Context } from '../context.ts';
import type { Pending } from '../outbox/pending.ts';
import type { SendOptions } from './conversation.ts';

/** A file as it is shown; `id` is `null` until the server has all of it. */
export type AttachmentItem = Pick<
  Attachment,
  'name' | 'contentType' | 'size' | 'kind' | 'width' | 'height' | 'durationMs' | 'thumbnail'
> & { readonly id: string | null };

/** A file on its way. */
export type OutgoingFile = AttachmentItem & {
  /** Of the file that was chosen, where it has such a thing. */
  readonly lastModified?: number | null;
};

/** A file to be sent; the `File` of browsers is one. */
export interface UploadFile {
  readonly name: string;
  /** Media type; '' counts as `application/octet-stream`. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. Tells a file apart from another one of its name. */
  readonly lastModified?: number;
}

/** What a file is sent with. Sizes and duration are measured by the app, so that others can keep room. */
export interface SendFileOptions extends SendOptions {
  /** A caption. */
  readonly text?: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

/** The file itself, or a small picture of it where it has one. */
export type AttachmentVariant = 'original' | 'thumbnail';

/** `waiting` for its turn or a connection · `checking`: all bytes are there, the server looks. */
export type UploadPhase = 'waiting' | 'sending' | 'paused' | 'checking';

/** How far the file of a message has come. */
export interface UploadProgress {
  readonly phase: UploadPhase;
  /** Bytes that the store has, or that are on their way to it. */
  readonly sentBytes: number;
  readonly size: number;
}

/**
 * Sends files, and gets links to them. A file is part of a message in the outbox: `discard` of the conversation cancels it,
 * `retry` tries again, and the messages behind it wait.
 */
export interface Uploads {
  /**
   * Puts a message with a file into the outbox and the timeline at once and answers its `clientId`.
   * Throws `payload_too_large` above 2 GiB and `invalid_input` for an empty file or a bad caption.
   */
  readonly send: (conversationId: string, file: UploadFile, options?: SendFileOptions) => string;
  /** Holds an upload, over a reload too. The messages behind it wait. */
  readonly pause: (conversationId: string, clientId: string) => void;
  readonly resume: (conversationId: string, clientId: string) => void;
  /**
   * Gives the file again that a message failed for with `upload_incomplete`: it was chosen before a
   * reload and could not be kept. Throws `upload_mismatch` when it is another one.
   */
  readonly provide: (conversationId: string, clientId: string, file: UploadFile) => void;
  /**
   * A link to the bytes of an attachment, good for at least 15 s; the same one while it holds (at most
   * 120 s). `not_found` once this person is no member, or the message was deleted.
   */
  readonly url: (attachmentId: string, variant?: AttachmentVariant) => Promise<string>;
  /** The file of a message on its way, for a preview; `null` when it is not at hand. */
  readonly file: (conversationId: string, clientId: string) => Promise<UploadFile | null>;
}

/** What the client asks and tells the part that uploads. */
export interface UploadsPart extends Uploads {
  /** A message waits for its file. May be told again and again. */
  readonly want: (pending: Pending) => void;
  /** A message has left the outbox, or is put back into it within the same turn. */
  readonly forget: (pending: Pending) => void;
  /** Removes every file that is kept on the device. */
  readonly wipe: () => Promise<void>;
}

/** Makes the part that uploads; see `createUploads`. */
export type UploadsPlugin = (context: Context) => UploadsPart;
