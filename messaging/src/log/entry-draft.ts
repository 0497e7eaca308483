import type { AppendRequest } from './conversation-log.ts';
import type { EntryDraft } from './entry-document.ts';

/** What a node gives each entry that it accepts. */
export interface DraftSources {
  readonly newId: () => string;
  /** Milliseconds since the epoch, by the clock that all nodes share. */
  readonly now: () => number;
}

/** The entry of a request. It keeps its id and time over all attempts, on whatever node. */
export function draftOf(request: AppendRequest, { newId, now }: DraftSources): EntryDraft {
  const { content, conversationId, senderId } = request;
  const _id = newId();
  const clientId = request.clientId ?? _id;
  const at = now();
  if (content.kind !== 'message' || content.attachment !== undefined) {
    return { _id, conversationId, seq: 0, senderId, clientId, at, ...content };
  }
  // Plain messages are the most frequent: a spread would double the cost of this function.
  const { kind, replyTo, text } = content;
  return { _id, conversationId, seq: 0, senderId, clientId, at, kind, text, replyTo };
}
