import type { Logger, ProfileReader } from '@parley/backend-common';
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

/** How somebody looks to people who may not see more. */
export function hiddenPresence(userId: string): Presence {
  return { userId, online: false, lastSeenAt: null };
}

/** Reads how people look to those who know them. */
export class PresenceReader {
  readonly #deps: PresenceReaderDeps;

  constructor(deps: PresenceReaderDeps) {
    this.#deps = deps;
  }

  /** Presences in the order given; of whoever hides it, or is nobody, nothing shows. */
  async read(userIds: readonly string[]): Promise<Presence[]> {
    const { profiles, repository } = this.#deps;
    const [present, lastSeen, records] = await Promise.all([
      this.#present(userIds),
      repository.lastSeen(userIds),
      profiles.get(userIds),
    ]);
    return userIds.map((userId) => {
      const record = records.get(userId);
      if (record?.privacy.lastSeen !== true || record.profile.deleted)
        return hiddenPresence(userId);
      const online = present === null ? null : present.has(userId);
      const lastSeenAt = online === true ? this.#deps.now() : (lastSeen.get(userId) ?? null);
      return { userId, online, lastSeenAt };
    });
  }

  async #present(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    try {
      return await this.#deps.store.present(userIds);
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'Nobody can tell who is there');
      return null;
    }
  }
}
