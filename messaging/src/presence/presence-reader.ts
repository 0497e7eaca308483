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

  /**
   * Presences in the order given; hidden for users who hide theirs, are deleted, or do not exist.
   *
   * @param knownLastSeen - when a user who is offline was last seen, if that is known; otherwise, `null`, it is read
   */
  async read(
    userIds: readonly string[],
    knownLastSeen: (userId: string) => number | null = () => null,
  ): Promise<Presence[]> {
    const { now, profiles, repository } = this.#deps;
    const [active, records] = await Promise.all([this.#active(userIds), profiles.get(userIds)]);
    const visible = new Set(
      userIds.filter((userId) => {
        const record = records.get(userId);
        return record?.privacy.lastSeen === true && !record.profile.deleted;
      }),
    );
    const isOnline = (userId: string) => active?.has(userId) ?? null;
    const lastSeen = await repository.lastSeen(
      [...visible].filter((userId) => isOnline(userId) !== true && knownLastSeen(userId) === null),
    );
    return userIds.map((userId) => {
      if (!visible.has(userId)) return hiddenPresence(userId);
      const online = isOnline(userId);
      const stored = () => knownLastSeen(userId) ?? lastSeen.get(userId) ?? null;
      return { userId, online, lastSeenAt: online === true ? now() : stored() };
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
