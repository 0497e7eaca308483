import { DAY, LIMITS, MINUTE } from '@parley/common';

import { DELETING, type AttachmentDocument } from './attachment-document.ts';

/** Milliseconds after the last URL expired in which an upload that began before may still finish. */
export const LATE_ARRIVALS = 15 * MINUTE;
/** Milliseconds that a ready attachment waits to be sent, and a reserved one for its message. */
export const UNSENT = DAY;
/** Milliseconds after which a missing thumbnail is tried again. */
export const THUMBNAIL_RETRY = 2 * MINUTE;

type Scheduled = Pick<
  AttachmentDocument,
  'state' | 'createdAt' | 'urlsEndAt' | 'incomingKey' | 'strayKeys' | 'thumbnail'
> &
  Partial<Pick<AttachmentDocument, 'readyAt' | 'reservedAt' | 'doomedAt'>>;

/** When its state expires; `undefined`: never. */
export function stateEndsAt(attachment: Scheduled): number | undefined {
  const { createdAt, doomedAt = createdAt, readyAt = createdAt, state, urlsEndAt } = attachment;
  switch (state) {
    case 'creating':
    case 'uploading':
    case 'verifying':
      return createdAt + LIMITS.uploadTime;
    case 'ready':
      return readyAt + UNSENT;
    case 'reserved':
      return (attachment.reservedAt ?? readyAt) + UNSENT;
    case 'sent':
      return undefined;
    case DELETING:
      return Math.max(urlsEndAt, doomedAt) + LATE_ARRIVALS;
    default:
      return state satisfies never;
  }
}

/** When its leftover objects can be removed for good, because no upload can write them any more; `undefined`: it has none. */
export function leftoversEndAt(attachment: Scheduled): number | undefined {
  const { incomingKey, state, strayKeys = [], urlsEndAt } = attachment;
  const isChecked = state === 'ready' || state === 'reserved' || state === 'sent';
  if (!isChecked || (incomingKey === undefined && strayKeys.length === 0)) return undefined;
  return urlsEndAt + LATE_ARRIVALS;
}

/** When the sweeper has to look at an attachment next; `undefined`: not before its state changes. */
export function nextDueAt(attachment: Scheduled, now: number): number | undefined {
  const { createdAt, readyAt = createdAt, state, thumbnail } = attachment;
  const isWanted = thumbnail === 'due' && state !== DELETING && now < readyAt + UNSENT;
  const times = [
    stateEndsAt(attachment),
    leftoversEndAt(attachment),
    isWanted ? now + THUMBNAIL_RETRY : undefined,
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
