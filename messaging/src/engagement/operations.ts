import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { EngagementService } from './service.ts';

export type EngagementOperation = 'admin:engagement';

/** The handler of the operation on engagement. */
export function engagementHandlers(
  service: EngagementService,
): Handlers<Pick<Operations, EngagementOperation>, MessagingContext> {
  return { 'admin:engagement': (range) => service.show(range) };
}
