import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { SyncService } from './service.ts';

/** Handler of the comparison of heads. */
export function syncHandlers(deps: {
  readonly sync: SyncService;
}): Pick<Handlers<Operations, MessagingContext>, 'sync'> {
  return {
    sync: (input, { caller, socket }) =>
      deps.sync.heads(input, { userId: caller.userId, socketId: socket?.id }),
  };
}
