import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { Conversations } from './conversations.ts';
import { deviceHandlers } from './devices/operations.ts';
import type { DeviceService } from './devices/service.ts';
import type { MessagingContext } from './gateway/context.ts';
import type { DeliveryReporter } from './notifications/delivery-reporter.ts';
import { deliveryHandlers } from './notifications/operations.ts';
import { presenceHandlers } from './presence/operations.ts';
import type { PresenceService } from './presence/service.ts';
import { typingHandlers } from './typing/operations.ts';
import type { TypingService } from './typing/service.ts';

/** What carries out the operations. */
export interface HandlerDeps {
  readonly conversations: Pick<Conversations, 'handlers'>;
  readonly presence: PresenceService;
  readonly typing: TypingService;
  readonly devices: DeviceService;
  readonly deliveries: DeliveryReporter;
}

/** One handler for each operation; a missing one does not compile. */
export function createHandlers(deps: HandlerDeps): Handlers<Operations, MessagingContext> {
  return {
    ...deps.conversations.handlers,
    ...presenceHandlers(deps),
    ...typingHandlers(deps),
    ...deviceHandlers(deps),
    ...deliveryHandlers(deps),
  };
}
