import type { Logger } from '@parley/backend-common';
import type { Now } from '@parley/common';

import type { ConversationRepository } from './conversation-repository.ts';
import type { MemberRepository } from './member-repository.ts';

interface EraserDeps {
  readonly conversations: ConversationRepository;
  readonly members: MemberRepository;
  /** Removes the entries of a log before `seq`. */
  readonly removeEntries: (conversationId: string, beforeSeq: number) => Promise<void>;
  readonly now: Now;
  readonly logger: Logger;
}

const AT_ONCE = 100;

/**
 * Removes groups without members. What a crash leaves half removed is resumed at start.
 *
 * The entry with which the last member left stays behind: it holds its number, so that a node that has not heard of
 * it cannot append there for somebody who is a member no more.
 */
export class ConversationEraser {
  readonly #deps: EraserDeps;
  readonly #underWay = new Set<Promise<void>>();

  constructor(deps: EraserDeps) {
    this.#deps = deps;
  }

  /** Takes the conversation out of every answer, and removes it in the background. @param seq of the last entry */
  async begin(conversationId: string, seq: number): Promise<void> {
    const { conversations, members, now } = this.#deps;
    await conversations.markErased(conversationId, { at: now(), seq });
    await members.removeAll(conversationId);
    this.#start(conversationId, seq);
  }

  /** Goes on with removals that a crash interrupted. */
  async resume(): Promise<void> {
    const erased = await this.#deps.conversations.findErased(AT_ONCE);
    for (const { conversationId, seq } of erased) this.#start(conversationId, seq);
  }

  /** Waits for the removals under way. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #start(conversationId: string, seq: number): void {
    const removal = this.#remove(conversationId, seq)
      .catch((error: unknown) => {
        const message = 'A conversation could not be removed; it is resumed at the next start';
        this.#deps.logger.error({ err: error, conversationId }, message);
      })
      .finally(() => this.#underWay.delete(removal));
    this.#underWay.add(removal);
  }

  async #remove(conversationId: string, seq: number): Promise<void> {
    const { conversations, members, removeEntries } = this.#deps;
    await removeEntries(conversationId, seq);
    await members.removeAll(conversationId);
    await conversations.remove(conversationId);
  }
}
