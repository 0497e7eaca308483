import type { EntryDraft } from './entry-document.ts';

/** An upper bound of the size of the entry in BSON. */
export function bytesOf(draft: EntryDraft): number {
  if (draft.kind === 'members') return 1_024 + draft.userIds.length * 48;
  if (draft.kind !== 'message') return 1_024;
  const attachment = draft.attachment === undefined ? 0 : 1_024;
  return 1_024 + (draft.text?.length ?? 0) * 3 + attachment;
}
