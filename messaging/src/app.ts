import type { Server as HttpServer } from 'node:http';
import type { Metrics } from '@parley/backend-common';
import { LIMITS } from '@parley/common';

import { createAttachmentsModule } from './attachments/module.ts';
import { createBlockPolicyModule, createBlocksModule } from './blocks/module.ts';
import { createConversationsModule } from './conversations/module.ts';
import { createDeliveryModule } from './delivery/module.ts';
import { createDeliveryReportsModule } from './delivery-reports/module.ts';
import { createDevicesModule } from './devices/module.ts';
import { createForegroundModule } from './foreground/module.ts';
import { handlersOf } from './handlers.ts';
import { createHistoryModule } from './history/module.ts';
import { openInfrastructure, type AppOptions, type Infrastructure } from './infrastructure.ts';
import { createLogModule } from './log/module.ts';
import { createMessagesModule } from './messages/module.ts';
import { startModules } from './module.ts';
import { createPartnersModule } from './partners/module.ts';
import { createPresenceModule } from './presence/module.ts';
import { createProfilesModule } from './profiles/module.ts';
import { createProjectionModule } from './projection/module.ts';
import { createPushModule } from './push/module.ts';
import { createReceiptsModule } from './receipts/module.ts';
import { createStatusModule } from './status/module.ts';
import { createSyncModule } from './sync/module.ts';
import { createTransportModule } from './transport/module.ts';
import { openSockets, type Sockets } from './transport/sockets.ts';
import { createTypingModule } from './typing/module.ts';

export type { AppOptions, Overrides } from './infrastructure.ts';

/** A node of the messaging service that is started, but not listening. */
export interface App {
  readonly server: HttpServer;
  readonly metrics: Metrics;
  /** Sends clients elsewhere: finishes what is under way, then closes every connection. */
  drain(): Promise<void>;
}

/** Opens what the service needs, builds its modules and starts them; everything is closed through `resources`. */
export async function createApp(options: AppOptions): Promise<App> {
  const infrastructure = await openInfrastructure(options);
  const sockets = await openSockets(infrastructure, options);
  const { log, modules, transport } = createModules(options, infrastructure, sockets);
  await startModules(modules, options.resources);
  return {
    server: transport.server,
    metrics: infrastructure.metrics,
    async drain() {
      transport.announceDraining();
      // The log finishes what it has taken before the connections that wait for it are closed.
      await log.close();
      await transport.closeConnections();
    },
  };
}

/** The modules in the order in which they start. Each needs only those above it; they stop in reverse. */
function createModules(options: AppOptions, infrastructure: Infrastructure, sockets: Sockets) {
  const { config, overrides } = options;
  const profiles = createProfilesModule({ infrastructure, sockets });
  const projection = createProjectionModule({ infrastructure });
  const log = createLogModule({ infrastructure, projection });
  const history = createHistoryModule({ log, projection });
  const blocks = createBlockPolicyModule({ infrastructure, sockets, log });
  const conversations = createConversationsModule({
    infrastructure,
    sockets,
    log,
    projection,
    history,
    profiles,
    blocks,
  });
  const delivery = createDeliveryModule({ infrastructure, sockets, log, conversations });
  const sync = createSyncModule({ infrastructure, sockets, log, projection, history, delivery });
  const receipts = createReceiptsModule({
    infrastructure,
    sockets,
    log,
    projection,
    profiles,
    blocks,
    sync,
  });
  const attachments = createAttachmentsModule({
    infrastructure,
    config,
    sockets,
    log,
    projection,
    history,
    conversations,
    blocks,
  });
  const messages = createMessagesModule({ log, history, attachments, blocks });
  const typing = createTypingModule({ sockets, log, blocks });
  const devices = createDevicesModule({ infrastructure, sockets });
  const foreground = createForegroundModule({ infrastructure, sockets });
  const push = createPushModule({
    infrastructure,
    config,
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
    config,
    log,
    projection,
    conversations,
    push,
    devices,
    profiles,
    blocks,
  });
  const status = createStatusModule({ infrastructure, sockets, push });
  const partners = createPartnersModule({ infrastructure, config, status, profiles });
  const blocking = createBlocksModule({
    infrastructure,
    sockets,
    blockPolicy: blocks,
    status,
    partners,
    profiles,
  });
  const presence = createPresenceModule({
    infrastructure,
    sockets,
    log,
    profiles,
    status,
    blocks,
    grace: overrides.presenceGrace ?? LIMITS.presenceGrace,
  });
  const features = [
    ...[profiles, projection, log, history, blocks, conversations, delivery, sync, receipts],
    ...[attachments, messages, typing, devices, foreground, push, deliveryReports],
    ...[status, partners, blocking, presence],
  ] as const;
  const transport = createTransportModule({
    infrastructure,
    config,
    sockets,
    handlers: handlersOf(features),
    checkOutput: overrides.checkOutput ?? false,
  });
  return { modules: [...features, transport], log: log.log, transport };
}
