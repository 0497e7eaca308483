import {
  BlockPolicy,
  BlockPoller,
  BlockReader,
  type BlockedPair,
} from '@parley/backend-common/domain';

import type { SocketEvents } from '../conversations/ports.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { Module } from '../module.ts';
import type { PartnersModule } from '../partners/module.ts';
import type { ProfilesModule } from '../profiles/module.ts';
import type { StatusModule } from '../status/module.ts';
import type { Cluster } from '../transport/cluster/cluster.ts';
import { DirectBlocks } from './direct-blocks.ts';
import { blockHandlers, type BlockOperation } from './operations.ts';
import { BlockRepository } from './repository.ts';
import { BlockService } from './service.ts';

export interface BlockPolicyModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'logger' | 'now' | 'periodicMetrics'>;
  readonly log: { readonly log: Pick<ConversationLog, 'state'> };
  readonly sockets: { readonly cluster: Pick<Cluster, 'channel' | 'onReconnected'> };
}

export interface BlockPolicyModule extends Module {
  readonly policy: BlockPolicy;
  /** The same policy for direct conversations. */
  readonly direct: DirectBlocks;
  /** Notifies the other nodes of a block that began or ended. */
  readonly publish: (pair: BlockedPair) => void;
}

/** Decides between whom there is a block. It comes before the features, because they all depend on it. */
export function createBlockPolicyModule(deps: BlockPolicyModuleDeps): BlockPolicyModule {
  const { log } = deps.log;
  const { cluster } = deps.sockets;
  const { db, logger, now, periodicMetrics: metrics } = deps.infrastructure;
  const reader = new BlockReader(db);
  const policy = new BlockPolicy({ reader });
  const poller = new BlockPoller({ reader, policy, now, metrics, logger });
  const channel = cluster.channel('block:changed', 'block_event_unreadable');
  channel.subscribe((pair) => policy.changed(pair));
  cluster.onReconnected(() => void poller.poll());
  return {
    name: 'block policy',
    handlers: {},
    policy,
    direct: new DirectBlocks({ log, policy }),
    publish: (pair) => channel.publish(pair),
    start: () => poller.start(),
    stop: () => poller.stop(),
  };
}

export interface BlocksModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'databaseTime' | 'db' | 'now' | 'transact'>;
  readonly blockPolicy: Pick<BlockPolicyModule, 'policy' | 'publish'>;
  readonly status: Pick<StatusModule, 'statuses' | 'sender'>;
  readonly partners: Pick<PartnersModule, 'partnerships'>;
  readonly profiles: Pick<ProfilesModule, 'profiles'>;
  readonly sockets: { readonly events: Pick<SocketEvents, 'toUser'> };
}

export interface BlocksModule extends Module<BlockOperation> {
  readonly blocks: BlockService;
}

/** Begins and ends blocks. */
export function createBlocksModule(deps: BlocksModuleDeps): BlocksModule {
  const { policy, publish } = deps.blockPolicy;
  const { partnerships } = deps.partners;
  const { profiles } = deps.profiles;
  const { events } = deps.sockets;
  const { statuses, sender } = deps.status;
  const { databaseTime, db, now, transact } = deps.infrastructure;
  const blocks = new BlockService({
    transact,
    blocks: new BlockRepository(db, databaseTime),
    reader: new BlockReader(db),
    statuses,
    partnerships,
    policy,
    cluster: { publish },
    sender,
    events,
    profiles,
    now,
  });
  return { name: 'blocks', handlers: blockHandlers({ blocks }), blocks };
}
