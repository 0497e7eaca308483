import type { Barrier, BlockPolicy } from '@parley/backend-common/domain';

import type { ConversationLog } from '../log/conversation-log.ts';

interface DirectBlocksDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly policy: Pick<BlockPolicy, 'between'>;
}

/** The two members of a direct conversation; `null` for a group, in which blocks do not stop messages. */
type Pair = readonly [string, string] | null;

/** Conversations that are cached. */
const CACHED_AT_MOST = 100_000;

/** Tells whether a block stops messages in a direct conversation. Its two members never change, so they are cached. */
export class DirectBlocks {
  readonly #deps: DirectBlocksDeps;
  readonly #pairs = new Map<string, Pair>();

  constructor(deps: DirectBlocksDeps) {
    this.#deps = deps;
  }

  /**
   * The block that stops a user from writing in a conversation: `null` if there is none, for groups, and for users who
   * are not members. Not a promise if the answer is cached, so that sending does not wait.
   * @throws AppError `not_found` (rejects) if there is no such conversation
   */
  barrier(conversationId: string, userId: string): Barrier | null | Promise<Barrier | null> {
    const pair = this.#pairs.get(conversationId);
    if (pair === undefined) return this.#load(conversationId, userId);
    return this.#between(pair, userId);
  }

  #between(pair: Pair, userId: string): Barrier | null | Promise<Barrier | null> {
    if (pair === null) return null;
    const [one, other] = pair;
    if (userId === one) return this.#deps.policy.between(one, other);
    return userId === other ? this.#deps.policy.between(other, one) : null;
  }

  async #load(conversationId: string, userId: string): Promise<Barrier | null> {
    const { membership } = await this.#deps.log.state(conversationId);
    const [one, other] = membership.members.keys();
    if (membership.kind === 'group') this.#remember(conversationId, null);
    // One of the two has left, so there is no block to respect.
    if (membership.kind === 'group' || one === undefined || other === undefined) return null;
    this.#remember(conversationId, [one, other]);
    return this.#between([one, other], userId);
  }

  #remember(conversationId: string, pair: Pair): void {
    this.#pairs.set(conversationId, pair);
    if (this.#pairs.size <= CACHED_AT_MOST) return;
    const oldest = this.#pairs.keys().next();
    if (oldest.done !== true) this.#pairs.delete(oldest.value);
  }
}
