import type { Server as HttpServer } from 'node:http';
import type { Metrics } from '@parley/backend-common';
import { LIMITS } from '@parley/common';

import { createAccountRemovalModule } from './account-removal/module.ts';
import type { RemovalOverrides } from './account-removal/remover.ts';
import { createAdministrationModule } from './administration/module.ts';
import { createBlocksModule } from './blocks/module.ts';
import { createCore, type Core } from './core.ts';
import { createDeliveryReportsModule } from './delivery-reports/module.ts';
import { createDevicesModule } from './devices/module.ts';
import { createEngagementModule } from './engagement/module.ts';
import { createForegroundModule } from './foreground/module.ts';
import { handlersOf } from './handlers.ts';
import { openInfrastructure, type AppOptions, type Infrastructure } from './infrastructure.ts';
import { startModules } from './module.ts';
import { createPartnersModule } from './partners/module.ts';
import { createPresenceModule } from './presence/module.ts';
import { createPushModule } from './push/module.ts';
import { createStatusModule } from './status/module.ts';
import { createTransportModule } from './transport/module.ts';
import { openSockets, type Sockets } from './transport/sockets.ts';
import { createTypingModule } from './typing/module.ts';

export type { AppOptions, Overrides } from './infrastructure.ts';

/** A node of the messaging service that is started, but not listening. */
export interface App {
  readonly server: HttpServer;
  readonly metrics: Metrics;
  /** Tells clients to reconnect to another node, and closes each connection when what was accepted from it is answered. */
  drain(): Promise<void>;
}

/** Opens what the service needs, builds its modules and starts them; everything is closed through `resources`. */
export async function createApp(options: AppOptions): Promise<App> {
  const { overrides, resources } = options;
  const infrastructure = await openInfrastructure(options);
  const sockets = await openSockets(infrastructure, options);
  const core = createCore(infrastructure, sockets);
  const features = createFeatures(infrastructure, sockets, {
    core,
    presenceGrace: overrides.presenceGrace ?? LIMITS.presenceGrace,
    accountRemoval: overrides.accountRemoval ?? {},
  });
  const transport = createTransportModule({
    infrastructure,
    sockets,
    handlers: handlersOf(features),
    checkOutput: overrides.checkOutput ?? false,
  });
  await startModules([...features, transport], resources);
  return {
    server: transport.server,
    metrics: infrastructure.metrics,
    async drain() {
      transport.announceDraining();
      // The log stays open until its module stops: sockets and requests are served until they are closed.
      await transport.closeConnections();
    },
  };
}

interface FeatureOptions {
  readonly core: Core;
  readonly presenceGrace: number;
  readonly accountRemoval: RemovalOverrides;
}

/** All modules but the transport, in the order in which they start. Each needs only those before it; they stop in reverse. */
function createFeatures(
  infrastructure: Infrastructure,
  sockets: Sockets,
  { accountRemoval: overrides, core, presenceGrace: grace }: FeatureOptions,
) {
  const { blockPolicy: blocks, conversations, log, profiles, projection, receipts } = core;
  const typing = createTypingModule({ sockets, log, blocks });
  const devices = createDevicesModule({ infrastructure, sockets });
  const foreground = createForegroundModule({ infrastructure, sockets });
  const push = createPushModule({
    infrastructure,
    sockets,
    log,
    projection,
    receipts,
    devices,
    foreground,
    profiles,
    blocks,
  });
  const deliveryReports = createDeliveryReportsModule({
    infrastructure,
    log,
    projection,
    conversations,
    push,
    devices,
    profiles,
    blocks,
  });
  const status = createStatusModule({ infrastructure, sockets, push });
  const partners = createPartnersModule({ infrastructure, status, profiles });
  const blocking = createBlocksModule({
    infrastructure,
    sockets,
    blockPolicy: blocks,
    status,
    partners,
    profiles,
  });
  const presence = createPresenceModule({
    ...{ infrastructure, sockets, profiles, status, blocks, grace },
  });
  const accountRemoval = createAccountRemovalModule({
    ...{ infrastructure, sockets, log, projection, profiles, partners, blocking },
    attachments: core.attachments,
    overrides,
  });
  const administration = createAdministrationModule({
    ...{ infrastructure, sockets, log, projection, devices, push, profiles },
  });
  return [
    ...[profiles, projection, log, core.history, blocks, conversations, core.delivery, core.sync],
    ...[receipts, core.attachments, core.messages, typing, devices, foreground, push],
    ...[deliveryReports, status, partners, blocking, presence, accountRemoval],
    administration,
    createEngagementModule({ infrastructure, sockets, log, receipts, delivery: core.delivery }),
  ] as const;
}
