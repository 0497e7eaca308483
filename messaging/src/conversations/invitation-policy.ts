import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS } from '@parley/common';

import type { MemberRepository } from './member-repository.ts';

interface InvitationPolicyDeps {
  readonly profiles: ProfileReader;
  readonly members: Pick<MemberRepository, 'countsOf'>;
  readonly blocks: Pick<BlockPolicy, 'requireOpen'>;
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
      if (found.profile.deleted) throw new AppError('recipient_unavailable');
    }
    await this.#deps.blocks.requireOpen(userId, others);
  }

  /** @throws AppError `limit_reached` when one of the users belongs to 5,000 conversations already */
  async requireCapacity(userIds: readonly string[]): Promise<void> {
    const counts = await this.#deps.members.countsOf(userIds);
    const most = LIMITS.conversationsPerUser;
    if ([...counts.values()].every((count) => count < most)) return;
    throw new AppError('limit_reached', `A user has at most ${most} conversations`);
  }
}
