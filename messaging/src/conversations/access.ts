import type { ConversationLog } from '../log/conversation-log.ts';
import { requireMember, type ConversationState, type MemberState } from '../log/state.ts';

/** A conversation folded from its log, and the member who accesses it. */
export interface MemberAccess {
  readonly state: ConversationState;
  readonly member: MemberState;
}

/** Decides who may see a conversation. It reads the log, so a removal that any node has acknowledged takes effect at once. */
export class Access {
  readonly #log: Pick<ConversationLog, 'state' | 'tails'>;

  constructor(log: Pick<ConversationLog, 'state' | 'tails'>) {
    this.#log = log;
  }

  /**
   * The conversation folded up to its newest entry.
   * @throws AppError `not_found` for users who are not members, as if the conversation did not exist
   */
  async require(conversationId: string, userId: string): Promise<MemberAccess> {
    const tails = await this.#log.tails([conversationId]);
    const state = await this.#log.state(conversationId, tails.get(conversationId));
    return { state, member: requireMember(state, userId) };
  }
}
