import type { ConversationSummary } from '@parley/client-common';
import { foldForSearch } from '@parley/common';

import { conversationName, handleOf } from '../people/person-name.ts';

/** Which conversations the list shows. */
export interface ConversationFilter {
  readonly archived: boolean;
  /** Words that the name must contain; '' matches everything. A search also finds archived conversations. */
  readonly query: string;
}

/** The conversations that match a filter, in their original order. */
export function filterConversations(
  conversations: readonly ConversationSummary[],
  { archived, query }: ConversationFilter,
): readonly ConversationSummary[] {
  const words = foldForSearch(query).split(' ').filter(Boolean);
  if (words.length === 0) {
    return conversations.filter(({ settings }) => settings.archived === archived);
  }
  return conversations.filter((info) => {
    const name = foldForSearch(`${conversationName(info)} ${handleOf(info.peer)}`);
    return words.every((word) => name.includes(word));
  });
}
