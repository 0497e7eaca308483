import type { BlockPolicy, ProfileReader } from '@parley/backend-common/domain';

import { ContactRepository } from '../conversations/contact-repository.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import type { StatusRepository } from '../status/repository.ts';
import type { Sockets } from '../transport/sockets.ts';
import { Contacts } from './contacts.ts';
import { MutualMarks } from './mutual-marks.ts';
import { presenceHandlers, type PresenceOperation } from './operations.ts';
import { PresenceNotifier } from './presence-notifier.ts';
import { PresenceReader } from './presence-reader.ts';
import { PresenceRepository } from './repository.ts';
import { PresenceService } from './service.ts';
import { MemoryPresenceStore, RedisPresenceStore } from './store.ts';
import { WatchLimit } from './watch-limit.ts';
import { WatcherRegistry } from './watcher-registry.ts';

export interface PresenceModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'config' | 'db' | 'logger' | 'now' | 'periodicMetrics' | 'reportFault'
  >;
  readonly profiles: { readonly profiles: ProfileReader };
  readonly status: { readonly statuses: Pick<StatusRepository, 'partnerOf'> };
  readonly blocks: { readonly policy: Pick<BlockPolicy, 'among' | 'onChange'> };
  readonly sockets: Pick<Sockets, 'cluster' | 'registry'>;
  /** Milliseconds until a user without a connection counts as offline. */
  readonly grace: number;
}

/** Shows to contacts which users are online. */
export function createPresenceModule(deps: PresenceModuleDeps): Module<PresenceOperation> {
  const { grace } = deps;
  const { policy: blocks } = deps.blocks;
  const { profiles } = deps.profiles;
  const { cluster, registry } = deps.sockets;
  const { config, db, logger, now, periodicMetrics, reportFault } = deps.infrastructure;
  const store = createStore(cluster, now);
  const repository = new PresenceRepository(db);
  const { contacts, marks } = createContacts(deps);
  const watchers = new WatcherRegistry();
  const reader = new PresenceReader({ store, repository, profiles, now, logger });
  const notifier = new PresenceNotifier({
    watchers,
    reader,
    contacts,
    cluster: cluster.channel('presence:changed', 'presence_event_unreadable'),
    periodicMetrics,
    logger,
  });
  const presence = new PresenceService({
    connected: {
      has: (userId) => registry.ofUser(userId).length > 0,
      all: () => registry.userIds(),
    },
    store,
    repository,
    reader,
    contacts,
    watchers,
    notifier,
    grace,
    periodicMetrics,
    now,
    logger,
  });
  blocks.onChange((pair) => {
    notifier.refreshPair(pair).catch((error: unknown) => {
      reportFault('presence_refresh_failed', error);
    });
  });
  registry.subscribe(presence);
  cluster.onReconnected(() => presence.renew());
  // The users of a node that has died are offline, and after an outage of Redis everybody is known again.
  cluster.nodes.subscribe(() => notifier.compare());
  return {
    name: 'presence',
    handlers: presenceHandlers({
      presence,
      limit: config.rateLimits ? new WatchLimit() : undefined,
    }),
    start: () => presence.start(),
    async stop() {
      await presence.stop();
      await marks.settled();
    },
  };
}

function createContacts({ blocks, infrastructure, status }: PresenceModuleDeps): {
  readonly contacts: Contacts;
  readonly marks: MutualMarks;
} {
  const repository = new ContactRepository(infrastructure.db);
  const marks = new MutualMarks({
    write: (conversationIds) => repository.markMutual(conversationIds),
    onFault: (error) => infrastructure.reportFault('contact_mark_failed', error),
  });
  const relations = { partners: status.statuses, blocks: blocks.policy };
  return { contacts: new Contacts({ repository, ...relations, marks }), marks };
}

function createStore(
  { nodeId, nodes, redis }: PresenceModuleDeps['sockets']['cluster'],
  now: () => number,
): MemoryPresenceStore | RedisPresenceStore {
  return redis === undefined
    ? new MemoryPresenceStore(now)
    : new RedisPresenceStore({ redis, nodeId, nodes, now });
}
