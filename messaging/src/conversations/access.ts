import type { ConversationLog } from '../log/conversation-log.ts';
import { requireMember, type ConversationState, type MemberState } from '../log/state.ts';

/** A conversation as its log stands now, and one of its members. */
export interface Seen {
  readonly state: ConversationState;
  readonly member: MemberState;
}

/** Says who may see a conversation. Asked of the log: what was acknowledged as removed, on any node, is out. */
export class Access {
  readonly #log: Pick<ConversationLog, 'state' | 'tails'>;

  constructor(log: Pick<ConversationLog, 'state' | 'tails'>) {
    this.#log = log;
  }

  /**
   * The conversation folded up to its newest entry.
   * @throws AppError `not_found` for whoever is not a member, as if there were no conversation
   */
  async require(conversationId: string, userId: string): Promise<Seen> {
    const tails = await this.#log.tails([conversationId]);
    const state = await this.#log.state(conversationId, tails.get(conversationId));
    return { state, member: requireMember(state, userId) };
  }
}
