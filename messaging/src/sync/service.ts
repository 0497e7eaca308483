import { AppError } from '@parley/common';
import type { Head, OperationInput, OperationOutput } from '@parley/common/contract';

import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { ConversationLog } from '../log/conversation-log.ts';

interface SyncServiceDeps {
  readonly members: Pick<MemberRepository, 'pageOf'>;
  readonly conversations: Pick<ConversationRepository, 'projectedThrough'>;
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly delivery: Pick<Delivery, 'admit' | 'deliveries' | 'joined'>;
}

/** The caller, and the socket it uses; `undefined` over HTTP. */
interface Requester {
  readonly userId: string;
  readonly socketId: string | undefined;
}

/** Reads the heads of the conversations of a user, which clients compare with their own. */
export class SyncService {
  readonly #deps: SyncServiceDeps;

  constructor(deps: SyncServiceDeps) {
    this.#deps = deps;
  }

  /**
   * A page of heads, by conversation id. It waits until the socket is in its rooms before it reads, so that the socket
   * gets every entry that is committed afterwards.
   * @throws AppError `unavailable` (retryable) while the database does not respond
   */
  async heads(
    input: OperationInput<'sync'>,
    requester: Requester,
  ): Promise<OperationOutput<'sync'>> {
    try {
      if (requester.socketId !== undefined) await this.#deps.delivery.joined(requester.socketId);
      return await this.#read(input, requester);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('unavailable', 'The conversations cannot be compared now', { cause });
    }
  }

  async #read(
    input: OperationInput<'sync'>,
    requester: Requester,
  ): Promise<OperationOutput<'sync'>> {
    const { conversations, delivery, log, members } = this.#deps;
    const { after, limit } = input;
    const { socketId, userId } = requester;
    const found = await members.pageOf(userId, { after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const ids = page.map(({ conversationId }) => conversationId);
    if (socketId !== undefined) await delivery.admit({ socketId, userId }, ids);
    const [tails, projected] = await Promise.all([
      log.tails(ids),
      conversations.projectedThrough(ids),
    ]);
    const versions = new Map(projected.map(({ _id, membersSeq }) => [_id, membersSeq]));
    const heads = page.flatMap((member): Head[] => {
      const { conversationId, deliveredSeq, joinedSeq, readSeq, settings } = member;
      const known = delivery.deliveries.get(conversationId);
      // The node that removed the user may have crashed before it wrote that.
      if (known?.former.has(userId) === true) return [];
      const ordered = known?.position ?? 0;
      const head = {
        conversationId,
        lastSeq: Math.max(tails.get(conversationId) ?? 0, ordered, joinedSeq),
        joinedSeq,
        deliveredSeq,
        readSeq,
        settings,
        version: Math.max(versions.get(conversationId) ?? 0, member.seq),
      };
      return [head];
    });
    return { heads, hasMore: found.length > limit };
  }
}
