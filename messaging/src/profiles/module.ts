import { BlockReader, ProfileReader } from '@parley/backend-common/domain';

import { RoomRepository } from '../delivery/room-repository.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import type { Sockets } from '../transport/sockets.ts';
import { ProfileChangeNotifier } from './profile-change-notifier.ts';

export interface ProfilesModuleDeps {
  readonly infrastructure: Pick<
    Infrastructure,
    'db' | 'logger' | 'metrics' | 'now' | 'periodicMetrics'
  >;
  readonly sockets: Pick<Sockets, 'sendProfile'>;
}

export interface ProfilesModule extends Module {
  readonly profiles: ProfileReader;
}

/** Reads profiles, and sends those that change to the sockets of this node. */
export function createProfilesModule(deps: ProfilesModuleDeps): ProfilesModule {
  const { sockets } = deps;
  const { db, logger, metrics, now, periodicMetrics } = deps.infrastructure;
  const profiles = new ProfileReader(db, now);
  const blocks = new BlockReader(db);
  const sent = metrics.counter('parley_profiles_told_total', 'Changed profiles that were sent');
  const notifier = new ProfileChangeNotifier({
    profiles,
    rooms: new RoomRepository(db),
    async blockedBy(userIds) {
      const relations = await blocks.relationsOf(userIds);
      return new Map([...relations].map(([userId, { blocking }]) => [userId, blocking]));
    },
    send(profile, to) {
      if (to.conversationIds.length === 0) return;
      sockets.sendProfile(profile, to);
      sent.inc();
    },
    now,
    metrics: periodicMetrics,
    logger,
  });
  return {
    name: 'profiles',
    handlers: {},
    profiles,
    start: () => notifier.start(),
    stop: () => notifier.stop(),
  };
}
