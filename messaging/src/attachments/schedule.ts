import { DAY, LIMITS, MINUTE } from '@parley/common';

import type { AttachmentDocument } from './attachment-document.ts';

/** Milliseconds for which something may still arrive after the last URL has ended: a request that began before. */
export const LATE_ARRIVALS = 15 * MINUTE;
/** Milliseconds for which what is ready waits to be sent, and what is reserved for its message. */
export const UNSENT = DAY;
/** Milliseconds after which a picture that nobody made is tried again. */
export const THUMBNAIL_RETRY = 2 * MINUTE;

type Scheduled = Pick<
  AttachmentDocument,
  'state' | 'createdAt' | 'urlsEndAt' | 'incomingKey' | 'strayKeys' | 'thumbnail'
> &
  Partial<Pick<AttachmentDocument, 'readyAt' | 'reservedAt' | 'doomedAt'>>;

/** When its state ends by itself; `undefined` where it does not. */
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
    case 'doomed':
      return Math.max(urlsEndAt, doomedAt) + LATE_ARRIVALS;
    default:
      return state satisfies never;
  }
}

/** When what arrives beside the attachment is to be removed for good; `undefined` where nothing can. */
export function leftoversEndAt(attachment: Scheduled): number | undefined {
  const { incomingKey, state, strayKeys = [], urlsEndAt } = attachment;
  const isChecked = state === 'ready' || state === 'reserved' || state === 'sent';
  if (!isChecked || (incomingKey === undefined && strayKeys.length === 0)) return undefined;
  return urlsEndAt + LATE_ARRIVALS;
}

/** When something is next to be done about an attachment; `undefined`: never, until its state changes. */
export function nextDueAt(attachment: Scheduled, now: number): number | undefined {
  const { createdAt, readyAt = createdAt, state, thumbnail } = attachment;
  const isWanted = thumbnail === 'due' && state !== 'doomed' && now < readyAt + UNSENT;
  const times = [
    stateEndsAt(attachment),
    leftoversEndAt(attachment),
    isWanted ? now + THUMBNAIL_RETRY : undefined,
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
