import type { Head } from '@parley/common/contract';

import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { MemberDocument } from '../conversations/member-document.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { ConversationLog } from '../log/conversation-log.ts';

export interface HeadReaderDeps {
  readonly conversations: Pick<ConversationRepository, 'projectedThrough'>;
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly delivery: Pick<Delivery, 'deliveries'>;
}

/** Reads the heads of conversations. */
export class HeadReader {
  readonly #deps: HeadReaderDeps;

  constructor(deps: HeadReaderDeps) {
    this.#deps = deps;
  }

  /**
   * The heads of present memberships, in their order, without those of conversations that the user has left meanwhile.
   * @throws when the database does not answer
   */
  async read(memberships: readonly MemberDocument[]): Promise<Head[]> {
    const { conversations, delivery, log } = this.#deps;
    const ids = memberships.map(({ conversationId }) => conversationId);
    const [tails, projected] = await Promise.all([
      log.tails(ids),
      conversations.projectedThrough(ids),
    ]);
    const versions = new Map(projected.map(({ _id, membersSeq }) => [_id, membersSeq]));
    return memberships.flatMap((member): Head[] => {
      const { conversationId, deliveredSeq, joinedSeq, readSeq, settings, userId } = member;
      const ordered = delivery.deliveries.get(conversationId);
      // The node that removed the user may have crashed before it wrote that.
      if (ordered?.former.has(userId) === true) return [];
      const lastSeq = Math.max(tails.get(conversationId) ?? 0, ordered?.position ?? 0, joinedSeq);
      // A change of the members that was sent may not be projected yet.
      const sent = ordered?.membershipSeq ?? 0;
      const version = Math.max(versions.get(conversationId) ?? 0, member.seq, sent);
      return [{ conversationId, lastSeq, joinedSeq, deliveredSeq, readSeq, settings, version }];
    });
  }
}
