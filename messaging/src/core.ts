import { createAttachmentsModule } from './attachments/module.ts';
import { createBlockPolicyModule } from './blocks/module.ts';
import { createConversationsModule } from './conversations/module.ts';
import { createDeliveryModule } from './delivery/module.ts';
import { createHistoryModule } from './history/module.ts';
import type { Infrastructure } from './infrastructure.ts';
import { createLogModule } from './log/module.ts';
import { createMessagesModule } from './messages/module.ts';
import { createProfilesModule } from './profiles/module.ts';
import { createProjectionModule } from './projection/module.ts';
import { createReceiptsModule } from './receipts/module.ts';
import { createSyncModule } from './sync/module.ts';
import type { Sockets } from './transport/sockets.ts';

/** The modules that store, show and deliver conversations. */
export type Core = ReturnType<typeof createCore>;

/** Builds what the other features need: the log, what is read from it, and how it reaches clients. */
export function createCore(infrastructure: Infrastructure, sockets: Sockets) {
  const profiles = createProfilesModule({ infrastructure, sockets });
  const projection = createProjectionModule({ infrastructure });
  const log = createLogModule({ infrastructure, sockets, projection });
  const history = createHistoryModule({ log, projection });
  const blockPolicy = createBlockPolicyModule({ infrastructure, sockets, log });
  const conversations = createConversationsModule({
    infrastructure,
    sockets,
    log,
    projection,
    history,
    profiles,
    blocks: blockPolicy,
  });
  const delivery = createDeliveryModule({
    infrastructure,
    sockets,
    projection,
    log,
    conversations,
  });
  const sync = createSyncModule({ infrastructure, sockets, log, projection, history, delivery });
  const receipts = createReceiptsModule({
    infrastructure,
    sockets,
    log,
    projection,
    profiles,
    blocks: blockPolicy,
    sync,
  });
  const attachments = createAttachmentsModule({
    infrastructure,
    sockets,
    log,
    projection,
    history,
    conversations,
    blocks: blockPolicy,
  });
  const messages = createMessagesModule({ log, history, attachments, blocks: blockPolicy });
  return {
    profiles,
    projection,
    log,
    history,
    blockPolicy,
    conversations,
    delivery,
    sync,
    receipts,
    attachments,
    messages,
  };
}
