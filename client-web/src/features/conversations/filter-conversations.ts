import type { ConversationSummary } from '@parley/client-common';
import { searchForms } from '@parley/common';

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
  if (query.trim() === '') {
    return conversations.filter(({ settings }) => settings.archived === archived);
  }
  return conversations.filter((info) =>
    matchesName(query, `${conversationName(info)} ${handleOf(info.peer)}`),
  );
}

/** Whether a name contains every word of a query, compared as in every search. */
export function matchesName(query: string, name: string): boolean {
  const forms = searchForms(name);
  return query
    .trim()
    .split(/\s+/u)
    .every((word) =>
      searchForms(word).some((wanted) => forms.some((form) => form.includes(wanted))),
    );
}
