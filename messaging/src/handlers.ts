import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { blockHandlers } from './blocks/operations.ts';
import type { BlockService } from './blocks/service.ts';
import type { Conversations } from './conversations.ts';
import { deviceHandlers } from './devices/operations.ts';
import type { DeviceService } from './devices/service.ts';
import type { MessagingContext } from './transport/server/context.ts';
import type { DeliveryReporter } from './delivery-reports/delivery-reporter.ts';
import { deliveryHandlers } from './delivery-reports/operations.ts';
import type { LinkService } from './partners/link-service.ts';
import { partnerHandlers } from './partners/operations.ts';
import type { PartnerService } from './partners/service.ts';
import { presenceHandlers } from './presence/operations.ts';
import type { PresenceService } from './presence/service.ts';
import { statusHandlers } from './status/operations.ts';
import type { StatusService } from './status/service.ts';
import { typingHandlers } from './typing/operations.ts';
import type { TypingService } from './typing/service.ts';

/** What carries out the operations. */
export interface HandlerDeps {
  readonly conversations: Pick<Conversations, 'handlers'>;
  readonly blocks: BlockService;
  readonly links: LinkService;
  readonly partners: PartnerService;
  readonly presence: PresenceService;
  readonly status: StatusService;
  readonly typing: TypingService;
  readonly devices: DeviceService;
  readonly deliveries: DeliveryReporter;
  readonly foreground: { changed(userId: string): void };
}

/** One handler for each operation; a missing one does not compile. */
export function createHandlers(deps: HandlerDeps): Handlers<Operations, MessagingContext> {
  return {
    ...deps.conversations.handlers,
    ...blockHandlers(deps),
    ...partnerHandlers(deps),
    ...presenceHandlers(deps),
    ...statusHandlers(deps),
    ...typingHandlers(deps),
    ...deviceHandlers(deps),
    ...deliveryHandlers(deps),
  };
}
