import type { Logger } from '@parley/backend-common';
import type { ProfileReader } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import type { PresenceRepository } from './repository.ts';
import type { PresenceStore } from './store.ts';

interface PresenceReaderDeps {
  readonly store: PresenceStore;
  readonly repository: Pick<PresenceRepository, 'lastSeen'>;
  readonly profiles: Pick<ProfileReader, 'get'>;
  readonly now: Now;
  readonly logger: Logger;
}

/** The presence of a user that is shown to those who may not see it. */
export function hiddenPresence(userId: string): Presence {
  return { userId, online: false, lastSeenAt: null };
}

/** Reads the presence of users as their contacts may see it. */
export class PresenceReader {
  readonly #deps: PresenceReaderDeps;

  constructor(deps: PresenceReaderDeps) {
    this.#deps = deps;
  }

  /** Presences in the order given; hidden for users who hide theirs, are deleted, or do not exist. */
  async read(userIds: readonly string[]): Promise<Presence[]> {
    const { profiles, repository } = this.#deps;
    const [active, lastSeen, records] = await Promise.all([
      this.#active(userIds),
      repository.lastSeen(userIds),
      profiles.get(userIds),
    ]);
    return userIds.map((userId) => {
      const record = records.get(userId);
      if (record?.privacy.lastSeen !== true || record.profile.deleted)
        return hiddenPresence(userId);
      const online = active === null ? null : active.has(userId);
      const lastSeenAt = online === true ? this.#deps.now() : (lastSeen.get(userId) ?? null);
      return { userId, online, lastSeenAt };
    });
  }

  async #active(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    try {
      return await this.#deps.store.activeAmong(userIds);
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'The presence store could not be read');
      return null;
    }
  }
}
