import type { EntryDocument, EntryDraft } from './entry-document.ts';

/** Whether a repeat with the same key has the content of the stored entry. A deleted message matches every repeat. */
export function isSameContent(stored: EntryDocument, repeat: EntryDraft): boolean {
  switch (repeat.kind) {
    case 'message':
      return (
        stored.kind === 'message' &&
        (stored.deletedSeq !== undefined ||
          (stored.text === repeat.text &&
            stored.replyTo?.messageId === repeat.replyTo?.messageId &&
            stored.attachment?.id === repeat.attachment?.id))
      );
    case 'deletion':
      return stored.kind === 'deletion' && stored.messageId === repeat.messageId;
    case 'title':
      return stored.kind === 'title' && stored.title === repeat.title;
    case 'members':
      // The stored entry omits users who were members already.
      return (
        stored.kind === 'members' &&
        stored.action === repeat.action &&
        stored.role === repeat.role &&
        stored.userIds.every((userId) => repeat.userIds.includes(userId))
      );
    default:
      return repeat satisfies never;
  }
}
