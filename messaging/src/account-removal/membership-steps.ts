import type { ProfileReader } from '@parley/backend-common/domain';
import { AppError } from '@parley/common';

import type { BlockService } from '../blocks/service.ts';
import type {
  ConversationDocument,
  ConversationRepository,
} from '../conversations/conversation-repository.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { ConversationPurger } from '../projection/conversation-purger.ts';
import { Failures } from './failures.ts';
import type { Removal } from './remover.ts';

interface MembershipStepsDeps {
  readonly log: Pick<ConversationLog, 'append' | 'tails'>;
  readonly members: Pick<MemberRepository, 'conversationIdsOf'>;
  readonly conversations: Pick<ConversationRepository, 'findMany'>;
  readonly purger: Pick<ConversationPurger, 'begin'>;
  readonly blocks: Pick<BlockService, 'close'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
}

/** Conversations that are read at once. */
const BATCH = 100;

/** Ends what connects a deleted account with others in conversations. Messages stay with the others. */
export class MembershipSteps {
  readonly #deps: MembershipStepsDeps;

  constructor(deps: MembershipStepsDeps) {
    this.#deps = deps;
  }

  /** Leaves every group with an ordinary entry, so that a group without an owner gets one. */
  async leaveGroups({ signal, userId }: Removal): Promise<void> {
    // A group that is flooded, or whose log is damaged, does not keep the user in the others.
    const failures = new Failures();
    for (const { _id: conversationId, kind } of await this.#conversationsOf(userId)) {
      signal.throwIfAborted();
      if (kind === 'group') await failures.collect(() => this.#leave(conversationId, userId));
    }
    failures.throwIfAny();
  }

  /**
   * Replaces all blocks by one of each user of a direct conversation: nobody can write to the deleted account from then
   * on, and no message has to be checked for that.
   */
  async closeDirectConversations({ signal, userId }: Removal): Promise<void> {
    const all = await this.#conversationsOf(userId);
    const others = all.flatMap((conversation) => otherIn(conversation, userId) ?? []);
    await this.#deps.blocks.close(userId, others, signal);
  }

  /** Purges the direct conversations of which the other account is deleted too. */
  async purgeAbandoned({ isSettled, signal, userId }: Removal): Promise<void> {
    // Before that, a message of the other account may still be on its way.
    if (!isSettled) return;
    const failures = new Failures();
    for (const conversation of await this.#conversationsOf(userId)) {
      signal.throwIfAborted();
      const other = otherIn(conversation, userId);
      if (other === undefined) continue;
      await failures.collect(() => this.#purgeIfAbandoned(conversation._id, other));
    }
    failures.throwIfAny();
  }

  async #leave(conversationId: string, userId: string): Promise<void> {
    const content = { kind: 'members', action: 'left', userIds: [userId], role: null } as const;
    try {
      await this.#deps.log.append({ conversationId, senderId: userId, content });
    } catch (error) {
      // Somebody has removed the user meanwhile.
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    }
  }

  async #purgeIfAbandoned(conversationId: string, other: string): Promise<void> {
    const { log, profiles, purger } = this.#deps;
    if ((await profiles.find(other))?.profile.deleted !== true) return;
    const tail = (await log.tails([conversationId])).get(conversationId) ?? 0;
    await purger.begin(conversationId, tail + 1);
  }

  async #conversationsOf(userId: string): Promise<ConversationDocument[]> {
    const { conversations, members } = this.#deps;
    const ids = await members.conversationIdsOf(userId);
    const all: ConversationDocument[] = [];
    for (let from = 0; from < ids.length; from += BATCH) {
      all.push(...(await conversations.findMany(ids.slice(from, from + BATCH))));
    }
    return all;
  }
}

/** The other user of a direct conversation. */
function otherIn({ founders, kind }: ConversationDocument, userId: string): string | undefined {
  return kind === 'direct' ? founders.find((founder) => founder !== userId) : undefined;
}
