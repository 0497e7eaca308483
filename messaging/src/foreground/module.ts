import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import { RedisPresenceStore } from '../presence/store.ts';
import { foregroundKey } from '../transport/rooms/names.ts';
import type { Sockets } from '../transport/sockets.ts';
import { ForegroundTracker } from './foreground-tracker.ts';
import { foregroundHandlers } from './operations.ts';

export interface ForegroundModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'logger' | 'now' | 'periodicMetrics'>;
  readonly sockets: Pick<Sockets, 'cluster' | 'registry'>;
}

export interface ForegroundModule extends Module<'app:state'> {
  readonly foreground: ForegroundTracker;
}

/** Tracks which users have the app in the foreground, on all nodes. */
export function createForegroundModule(deps: ForegroundModuleDeps): ForegroundModule {
  const { logger, now, periodicMetrics } = deps.infrastructure;
  const { cluster, registry } = deps.sockets;
  const { nodeId, nodes, redis } = cluster;
  const store =
    redis === undefined
      ? undefined
      : new RedisPresenceStore({ redis, nodeId, nodes, now, keyOf: foregroundKey });
  const foreground = new ForegroundTracker({
    sockets: registry,
    store,
    periodicMetrics,
    now,
    logger,
  });
  registry.subscribe(foreground);
  cluster.onReconnected(() => foreground.renew());
  return {
    name: 'foreground',
    handlers: foregroundHandlers(foreground),
    foreground,
    start: () => foreground.start(),
    stop: () => foreground.stop(),
  };
}
