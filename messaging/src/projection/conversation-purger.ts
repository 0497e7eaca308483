import { MINUTE, type Now } from '@parley/common';

import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';

interface PurgerDeps {
  readonly conversations: Pick<ConversationRepository, 'findErased' | 'markErased' | 'remove'>;
  readonly members: Pick<MemberRepository, 'removeAll'>;
  /** Removes the entries of a log before `seq`. */
  readonly removeEntries: (conversationId: string, beforeSeq: number) => Promise<void>;
  readonly now: Now;
}

/** Milliseconds for which the entries are kept: other nodes may still be sending them to the last member's sockets. */
const GRACE = MINUTE;
const AT_ONCE = 100;

/**
 * Purges groups without members. No response contains them from then on, and a minute later any node removes them from
 * the database.
 *
 * The entry with which the last member left is kept. It occupies its `seq`, so that a node that does not know it yet
 * cannot append an entry of a former member there.
 */
export class ConversationPurger {
  readonly #deps: PurgerDeps;
  readonly #listeners: ((conversationId: string) => Promise<void>)[] = [];

  constructor(deps: PurgerDeps) {
    this.#deps = deps;
  }

  /**
   * Calls `listener` before the entries of a conversation are removed, and waits for it. If it rejects, the removal is
   * retried. It may be called repeatedly with the same conversation.
   */
  beforeRemoval(listener: (conversationId: string) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** Hides a conversation from every response, and removes its members. @param seq - of its last entry */
  async begin(conversationId: string, seq: number): Promise<void> {
    await this.#deps.conversations.markErased(conversationId, { at: this.#deps.now(), seq });
    await this.#deps.members.removeAll(conversationId);
  }

  /** Purges conversations that have been hidden for a minute. May run on several nodes at once. */
  async sweep(): Promise<void> {
    const { conversations, members, now, removeEntries } = this.#deps;
    const due = await conversations.findErased({ before: now() - GRACE, limit: AT_ONCE });
    for (const { conversationId, seq } of due) {
      for (const listener of this.#listeners) await listener(conversationId);
      await removeEntries(conversationId, seq);
      await members.removeAll(conversationId);
      await conversations.remove(conversationId);
    }
  }
}
