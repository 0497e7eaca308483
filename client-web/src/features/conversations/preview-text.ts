import type { ConversationSummary } from '@parley/client-common';
import { beginning } from '@parley/common';

import { texts } from '../../texts/index.ts';
import { contentText } from '../attachments/attachment-text.ts';

/** The text and the kind of a row's second line. */
export interface Preview {
  readonly kind: 'typing' | 'draft' | 'message' | 'none';
  readonly text: string;
}

/**
 * The preview of a conversation: who is typing, otherwise the draft, otherwise the last message.
 * `nameOf` returns the name of a user by id, or nothing for a user who is not known yet: then no name is shown.
 */
export function previewOf(info: ConversationSummary, nameOf: (userId: string) => string): Preview {
  const [writer] = info.typing;
  if (writer !== undefined) {
    const name = info.kind === 'group' ? nameOf(writer) : '';
    const text = name === '' ? texts.list.typing : texts.list.someoneTyping(name);
    return { kind: 'typing', text };
  }
  if (info.draft.trim() !== '') return { kind: 'draft', text: oneLine(info.draft) };
  const last = info.lastMessage;
  if (last === null) return { kind: 'none', text: texts.list.noMessages };
  const text = last.deleted ? texts.list.deleted : oneLine(contentText(last));
  // In a direct conversation the ticks already show that the message is an own one.
  if (info.kind === 'direct') return { kind: 'message', text };
  return {
    kind: 'message',
    text: last.own ? texts.list.you(text) : from(nameOf(last.senderId), text),
  };
}

const from = (name: string, text: string) => (name === '' ? text : texts.list.from(name, text));

/** The users whose names a preview may show. */
export function peopleInPreview({
  kind,
  typing,
  lastMessage,
}: ConversationSummary): ReadonlySet<string> {
  if (kind !== 'group') return new Set();
  return new Set([...typing.slice(0, 1), ...(lastMessage === null ? [] : [lastMessage.senderId])]);
}

/** The beginning of a text on one line, so that rows never lay out thousands of characters. */
function oneLine(text: string): string {
  return beginning(text, 200).replace(/\s+/gu, ' ').trim();
}
