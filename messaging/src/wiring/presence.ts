import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';
import { LIMITS } from '@parley/common';

import { clusterChannel, noClusterChannel } from '../transport/cluster/cluster-channel.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import { ContactRepository } from '../presence/contact-repository.ts';
import { Contacts } from '../presence/contacts.ts';
import { PresenceNotifier } from '../presence/presence-notifier.ts';
import { PresenceReader } from '../presence/presence-reader.ts';
import { PresenceRepository } from '../presence/repository.ts';
import { PresenceService } from '../presence/service.ts';
import { MemoryPresenceStore, RedisPresenceStore } from '../presence/store.ts';
import { WatcherRegistry } from '../presence/watcher-registry.ts';
import { StatusRepository } from '../status/repository.ts';
import type { Ground } from './ground.ts';
import type { Reach } from './nodes.ts';

/** Creates the presence of users. */
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
  const contacts = new Contacts({
    repository: new ContactRepository(mongo.db),
    entries,
    partners: new StatusRepository(mongo.db),
    blocks,
  });
  const watchers = new WatcherRegistry();
  const reader = new PresenceReader({ store, repository, profiles, now, logger });
  const cluster =
    redis === undefined
      ? noClusterChannel
      : clusterChannel(io, 'presence:changed', (error) =>
          onFault('A presence event of another node could not be handled', error),
        );
  const notifier = new PresenceNotifier({ watchers, reader, contacts, cluster, logger });
  blocks.onChange((pair) => {
    notifier.refreshPair(pair).catch((error: unknown) => {
      onFault('The presence of a blocked pair was not refreshed', error);
    });
  });
  const presence = new PresenceService({
    connected: { has: (userId) => sockets.ofUser(userId).length > 0, all: () => sockets.userIds() },
    store,
    repository,
    reader,
    contacts,
    watchers,
    notifier,
    grace: overrides.presenceGrace ?? LIMITS.presenceGrace,
    now,
    logger,
  });
  presence.start();
  resources.defer('presence', () => presence.stop());
  parts.onReturn(() => void presence.renew());
  return presence;
}
