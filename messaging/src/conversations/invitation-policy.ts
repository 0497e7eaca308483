import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS } from '@parley/common';

import type { Addition, Invitations } from './invitations.ts';
import type { MemberRepository } from './member-repository.ts';

interface InvitationPolicyDeps {
  readonly profiles: ProfileReader;
  readonly members: Pick<MemberRepository, 'countsOf'>;
  readonly blocks: Pick<BlockPolicy, 'requireOpen'>;
  readonly invitations: Pick<Invitations, 'strangersIn' | 'unansweredOf'>;
}

/** Decides which users a user may start a conversation with, or add to one. */
export class InvitationPolicy {
  readonly #deps: InvitationPolicyDeps;

  constructor(deps: InvitationPolicyDeps) {
    this.#deps = deps;
  }

  /**
   * Checks that `userId` may invite each of `others`.
   * @throws AppError `not_found` where an account never existed, `recipient_unavailable` where it was deleted or blocks
   * the user, `blocked` where the user blocks it
   */
  async requireReachable(userId: string, others: readonly string[]): Promise<void> {
    const profiles = await this.#deps.profiles.get(others);
    for (const other of others) {
      const found = profiles.get(other);
      if (found === undefined) throw new AppError('not_found', 'There is no such user');
    }
    // In this order a blocked user gets the same answers as for a deleted account, whoever else is named.
    await this.#deps.blocks.requireOpen(userId, others);
    if (others.some((other) => profiles.get(other)?.profile.deleted === true)) {
      throw new AppError('recipient_unavailable');
    }
  }

  /**
   * Checks that a user may add others, and returns those who do not know this user. What strangers add to does not
   * count as a conversation of one's own.
   * @throws AppError `limit_reached` when the limit of conversations or of invitations is reached, `forbidden` for a
   * group that somebody has left, `rate_limited` after too many invitations
   */
  async requireRoom(addition: Addition): Promise<string[]> {
    const strangers = await this.#deps.invitations.strangersIn(addition);
    const known = addition.userIds.filter((userId) => !strangers.includes(userId));
    const creators = addition.conversationId === undefined ? [addition.addedBy] : [];
    await this.#requireCapacity([...creators, ...known]);
    return strangers;
  }

  async #requireCapacity(userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    const { invitations, members } = this.#deps;
    const counts = await members.countsOf(userIds);
    const most = LIMITS.conversationsPerUser;
    const full = userIds.filter((userId) => (counts.get(userId) ?? 0) >= most);
    if (full.length === 0) return;
    const unanswered = await invitations.unansweredOf(full);
    const own = (userId: string) => (counts.get(userId) ?? 0) - (unanswered.get(userId) ?? 0);
    if (full.every((userId) => own(userId) < most)) return;
    throw new AppError('limit_reached', `A user has at most ${most} conversations`);
  }
}
