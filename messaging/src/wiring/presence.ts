import type { BlockPolicy, ProfileReader } from '@parley/backend-common';
import { LIMITS } from '@parley/common';

import { clusterChannel, noClusterChannel } from '../transport/cluster/cluster-channel.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import { AcquaintanceRepository } from '../presence/acquaintance-repository.ts';
import { Acquaintances } from '../presence/acquaintances.ts';
import { Announcer } from '../presence/announcer.ts';
import { PresenceReader } from '../presence/presence-reader.ts';
import { PresenceRepository } from '../presence/repository.ts';
import { PresenceService } from '../presence/service.ts';
import { MemoryPresenceStore, RedisPresenceStore } from '../presence/store.ts';
import { Watchers } from '../presence/watchers.ts';
import { StatusRepository } from '../status/repository.ts';
import type { Ground } from './ground.ts';
import type { Reach } from './nodes.ts';

/** Puts together what knows who is there. */
export function createPresence(
  ground: Ground,
  parts: Reach & {
    readonly entries: EntryRepository;
    readonly profiles: ProfileReader;
    readonly blocks: BlockPolicy;
  },
): PresenceService {
  const { logger, mongo, now, onFault, overrides, resources } = ground;
  const { blocks, entries, io, nodeId, profiles, redis, sockets } = parts;
  const store =
    redis === undefined
      ? new MemoryPresenceStore(now)
      : new RedisPresenceStore({ redis: redis.commands, nodeId, now });
  const repository = new PresenceRepository(mongo.db);
  const acquaintances = new Acquaintances({
    repository: new AcquaintanceRepository(mongo.db),
    entries,
    partners: new StatusRepository(mongo.db),
    blocks,
  });
  const watchers = new Watchers();
  const reader = new PresenceReader({ store, repository, profiles, now, logger });
  const hints =
    redis === undefined
      ? noClusterChannel
      : clusterChannel(io, 'presence:changed', (error) =>
          onFault('A change of presence could not be read', error),
        );
  const announcer = new Announcer({ watchers, reader, acquaintances, hints, logger });
  blocks.onChange((pair) => {
    announcer.reconsider(pair).catch((error: unknown) => {
      onFault('Presence was not looked at again', error);
    });
  });
  const presence = new PresenceService({
    here: { has: (userId) => sockets.ofUser(userId).length > 0, all: () => sockets.userIds() },
    store,
    repository,
    reader,
    acquaintances,
    watchers,
    announcer,
    grace: overrides.presenceGrace ?? LIMITS.presenceGrace,
    now,
    logger,
  });
  presence.start();
  resources.defer('presence', () => presence.stop());
  parts.onReturn(() => void presence.renew());
  return presence;
}
