import type { Entry } from '@parley/common/contract';

import type { EntryContent, EntryDocument } from './entry-document.ts';
import type { PolicyFacts } from './policy.ts';
import type { ConversationState } from './state.ts';

/** An entry to append. */
export interface AppendRequest {
  readonly conversationId: string;
  readonly senderId: string;
  /** The client's key; the log creates one if it is absent. */
  readonly clientId?: string | undefined;
  readonly content: EntryContent;
  readonly facts?: PolicyFacts;
  /** The socket that gets its entry as the ack and not again as an event. */
  readonly originSocketId?: string | undefined;
}

/** The result of a request: written now, stored before under the same key, or nothing to change. */
export type Appended =
  | {
      readonly kind: 'written' | 'repeated';
      readonly document: EntryDocument;
      /** The entry as clients see it. */
      readonly shown: Entry;
    }
  | { readonly kind: 'nothing' };

/** The append-only logs of all conversations, as this node sees and writes them. */
export interface ConversationLog {
  /**
   * Appends an entry and resolves when a majority has journaled it and its effects on members are visible.
   * @throws AppError `not_found`, `forbidden`, `conflict`, `client_id_reused`, `limit_reached`, `unavailable` (queue full, or 15 s passed: repeat with the same `clientId`)
   */
  append(request: AppendRequest): Promise<Appended>;

  /**
   * The conversation folded up to at least `seq`; writes entry 1 if it is missing.
   * @throws AppError `not_found` when there is no such conversation
   */
  state(conversationId: string, seq?: number): Promise<ConversationState>;

  /** The newest `seq` of each conversation that has entries. */
  tails(conversationIds: readonly string[]): Promise<Map<string, number>>;
}
