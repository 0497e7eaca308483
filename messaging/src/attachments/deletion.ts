import { DELETING } from './attachment-document.ts';

/**
 * The fields that start the deletion of an attachment, for an update that is a pipeline. Nothing stays that describes
 * the content, and whoever checks the upload loses the lease.
 * @param at - the present in milliseconds
 */
export function deletion(at: number) {
  const cleared = { name: '', width: null, height: null, durationMs: null };
  const removed = {
    ...{ slot: '$$REMOVE', sha256: '$$REMOVE' },
    ...{ clientId: '$$REMOVE', lease: '$$REMOVE' },
  };
  return { state: DELETING, doomedAt: at, dueAt: at, ...cleared, ...removed };
}
