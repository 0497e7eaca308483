import type { Attachment, AttachmentKind } from '@parley/common/contract';

import type { AttachmentContent } from '../log/attachment-content.ts';

/**
 * `creating`: its multipart upload is being begun. `uploading`: URLs are out. `verifying`: somebody checks it, under a
 * lease. `ready`: it may be sent. `reserved`: held for one message. `sent`: in that message. `doomed`: over; what the
 * store has of it is being removed. Each state changes by compare-and-set, so of two who want different things one wins.
 */
export type AttachmentState =
  'creating' | 'uploading' | 'verifying' | 'ready' | 'reserved' | 'sent' | 'doomed';

/** `none`: there will be none. `due`: not made yet. */
export type ThumbnailState = 'none' | 'due' | 'made' | 'failed';

/** A file as stored. It is there before anything is in the store, and goes after it. */
export interface AttachmentDocument {
  readonly _id: string;
  readonly conversationId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly kind: AttachmentKind;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
  /** Announced by the owner, 64 hexadecimal digits. */
  readonly sha256?: string;
  readonly createdAt: number;
  readonly state: AttachmentState;
  /** Which of the owner's uploads that are not finished; unique with the owner. */
  readonly slot?: number;
  /** Where what was checked stands; absent while a single upload has not been checked. */
  readonly key?: string;
  /** Where a single upload arrives. */
  readonly incomingKey?: string;
  /** Where earlier checks that did not come to an end have copied it. */
  readonly strayKeys?: readonly string[];
  /** The multipart upload. */
  readonly uploadId?: string;
  /** When the last upload URL ends. */
  readonly urlsEndAt: number;
  /** Who checks it, and until when that counts. */
  readonly lease?: { readonly token: string; readonly endsAt: number };
  /** When something is to be done about it; absent where nothing is. */
  readonly dueAt?: number;
  readonly readyAt?: number;
  readonly reservedAt?: number;
  readonly doomedAt?: number;
  /** The key of the message that holds or has it. */
  readonly clientId?: string;
  readonly messageId?: string;
  readonly thumbnail: ThumbnailState;
  readonly thumbnailKey?: string;
}

/** The states of an upload that is not finished. */
export const PENDING = [
  'creating',
  'uploading',
  'verifying',
] as const satisfies readonly AttachmentState[];

/** Whether its upload is not finished. */
export function isPending({ state }: Pick<AttachmentDocument, 'state'>): boolean {
  return (PENDING as readonly AttachmentState[]).includes(state);
}

/** What a message takes of its attachment. */
export function contentOf(document: AttachmentDocument): AttachmentContent {
  const { _id: id, contentType, createdAt, durationMs, height, kind, name, size, width } = document;
  const thumbnail = document.thumbnail === 'made';
  return { id, name, contentType, size, kind, width, height, durationMs, thumbnail, createdAt };
}

/** An attachment as its owner sees it. */
export function toAttachment(document: AttachmentDocument): Attachment {
  const { conversationId, ownerId } = document;
  return { ...contentOf(document), conversationId, ownerId, state: stateOf(document) };
}

function stateOf({ state }: AttachmentDocument): Attachment['state'] {
  switch (state) {
    case 'creating':
    case 'uploading':
    case 'verifying':
      return 'pending';
    case 'ready':
    case 'reserved':
    case 'sent':
      return 'ready';
    case 'doomed':
      return 'failed';
    default:
      return state satisfies never;
  }
}
