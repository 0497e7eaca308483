import type { Barrier, BlockPolicy } from '@parley/backend-common';

import type { ConversationLog } from '../log/conversation-log.ts';

interface DirectBlocksDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly policy: Pick<BlockPolicy, 'between'>;
}

/** The two people of a direct conversation; `null` for a group, where messages flow whoever blocks whom. */
type Pair = readonly [string, string] | null;

const REMEMBERED_AT_MOST = 100_000;

/** What stands between the two of a direct conversation. Who they are never changes, so it is asked once. */
export class DirectBlocks {
  readonly #deps: DirectBlocksDeps;
  readonly #pairs = new Map<string, Pair>();

  constructor(deps: DirectBlocksDeps) {
    this.#deps = deps;
  }

  /**
   * What keeps a person from writing in a conversation: nothing in groups, and for whoever is no member. At once
   * where that is known, so that sending waits for nothing.
   * @throws AppError `not_found` (rejects) when there is no such conversation
   */
  barrier(conversationId: string, userId: string): Barrier | null | Promise<Barrier | null> {
    const pair = this.#pairs.get(conversationId);
    if (pair === undefined) return this.#learn(conversationId, userId);
    return this.#between(pair, userId);
  }

  #between(pair: Pair, userId: string): Barrier | null | Promise<Barrier | null> {
    if (pair === null) return null;
    const [one, other] = pair;
    if (userId === one) return this.#deps.policy.between(one, other);
    return userId === other ? this.#deps.policy.between(other, one) : null;
  }

  async #learn(conversationId: string, userId: string): Promise<Barrier | null> {
    const { membership } = await this.#deps.log.state(conversationId);
    const [one, other] = membership.members.keys();
    if (membership.kind === 'group') this.#remember(conversationId, null);
    // Where one of the two is gone, nobody is left to block.
    if (membership.kind === 'group' || one === undefined || other === undefined) return null;
    this.#remember(conversationId, [one, other]);
    return this.#between([one, other], userId);
  }

  #remember(conversationId: string, pair: Pair): void {
    this.#pairs.set(conversationId, pair);
    if (this.#pairs.size <= REMEMBERED_AT_MOST) return;
    const oldest = this.#pairs.keys().next();
    if (oldest.done !== true) this.#pairs.delete(oldest.value);
  }
}
