import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { StatusService } from './service.ts';

export type StatusOperation = `status:${'get' | 'set'}`;

/** Handlers of the operations on the status of the caller. */
export function statusHandlers({
  status,
}: {
  readonly status: StatusService;
}): Handlers<Pick<Operations, StatusOperation>, MessagingContext> {
  return {
    'status:get': (_, { caller }) => status.get(caller.userId),
    'status:set': (input, { caller }) => status.set(caller.userId, input),
  };
}
