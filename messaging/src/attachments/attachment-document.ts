import type { Attachment, AttachmentKind } from '@parley/common/contract';

import type { AttachmentContent } from '../log/attachment-content.ts';

/** The state of an attachment that is being deleted. Its stored name is older than its name in the code. */
export const DELETING = 'doomed';

/**
 * The states of an attachment. Each change is a compare-and-set, so of two concurrent changes one wins.
 *
 * - `creating`: its multipart upload is being started.
 * - `uploading`: upload URLs were issued.
 * - `verifying`: a node checks the upload, under a lease.
 * - `ready`: it may be sent.
 * - `reserved`: it is held for one message.
 * - `sent`: that message is in the log.
 * - {@link DELETING}: its objects are removed from the store, then the document.
 */
export type AttachmentState =
  'creating' | 'uploading' | 'verifying' | 'ready' | 'reserved' | 'sent' | typeof DELETING;

/** `none`: no thumbnail will be made. `due`: not made yet. */
export type ThumbnailState = 'none' | 'due' | 'made' | 'failed';

/** An attachment as stored. The document is inserted before any object of it and removed after all of them. */
export interface AttachmentDocument {
  readonly _id: string;
  readonly conversationId: string;
  readonly ownerId: string;
  readonly name: string;
  /** Canonical: as the owner announced it, and once the upload is checked, as its content was recognised. */
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  readonly kind: AttachmentKind;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
  /** As the owner announced it, 64 hexadecimal digits. */
  readonly sha256?: string;
  readonly createdAt: number;
  readonly state: AttachmentState;
  /** Number of an unfinished upload among those of its owner; unique per owner. */
  readonly slot?: number;
  /** Key of the final object. A single upload has none until its first check. */
  readonly key?: string;
  /** Key of the object that the URL of a single upload writes. */
  readonly incomingKey?: string;
  /** Keys of copies that were made by checks which did not finish. */
  readonly strayKeys?: readonly string[];
  /** Id of the multipart upload in the store. */
  readonly uploadId?: string;
  /** When the last upload URL expires. */
  readonly urlsEndAt: number;
  /** Held by the node that checks the upload, until `endsAt`. */
  readonly lease?: { readonly token: string; readonly endsAt: number };
  /** When the sweeper has to check it; absent: never. */
  readonly dueAt?: number;
  readonly readyAt?: number;
  readonly reservedAt?: number;
  /** When its deletion began. */
  readonly doomedAt?: number;
  /** Client id of the message for which it is reserved or with which it was sent. */
  readonly clientId?: string;
  readonly messageId?: string;
  readonly thumbnail: ThumbnailState;
  readonly thumbnailKey?: string;
}

/** The states of an unfinished upload. */
export const PENDING = [
  'creating',
  'uploading',
  'verifying',
] as const satisfies readonly AttachmentState[];

/** Whether the upload is unfinished. */
export function isPending({ state }: Pick<AttachmentDocument, 'state'>): boolean {
  return (PENDING as readonly AttachmentState[]).includes(state);
}

/** The copy of its attachment that a message holds. */
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
    case DELETING:
      return 'failed';
    default:
      return state satisfies never;
  }
}
