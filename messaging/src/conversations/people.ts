import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS } from '@parley/common';

import type { MemberRepository } from './member-repository.ts';

interface PeopleDeps {
  readonly profiles: ProfileReader;
  readonly members: Pick<MemberRepository, 'countsOf'>;
  readonly blocks: Pick<BlockPolicy, 'requireOpen'>;
}

/** Says who can be talked to and added. */
export class People {
  readonly #deps: PeopleDeps;

  constructor(deps: PeopleDeps) {
    this.#deps = deps;
  }

  /**
   * Whether a person may begin something with others.
   * @throws AppError `not_found` for whoever never existed, `recipient_unavailable` for whoever is gone or blocks the
   * person, `blocked` for whoever the person blocks
   */
  async requireReachable(userId: string, others: readonly string[]): Promise<void> {
    const profiles = await this.#deps.profiles.get(others);
    for (const other of others) {
      const found = profiles.get(other);
      if (found === undefined) throw new AppError('not_found', 'There is no such person');
      if (found.profile.deleted) throw new AppError('recipient_unavailable');
    }
    await this.#deps.blocks.requireOpen(userId, others);
  }

  /** @throws AppError `limit_reached` when one of them belongs to 5,000 conversations already */
  async requireRoom(userIds: readonly string[]): Promise<void> {
    const counts = await this.#deps.members.countsOf(userIds);
    const most = LIMITS.conversationsPerUser;
    if ([...counts.values()].every((count) => count < most)) return;
    throw new AppError('limit_reached', `A person has at most ${most} conversations`);
  }
}
