import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { requireSocket, type MessagingContext } from '../transport/server/context.ts';
import type { ForegroundTracker } from './foreground-tracker.ts';

/** Handler of the operation with which a client says whether its app is in the foreground. */
export function foregroundHandlers(
  foreground: Pick<ForegroundTracker, 'changed'>,
): Pick<Handlers<Operations, MessagingContext>, 'app:state'> {
  return {
    'app:state': ({ state }, context) => {
      requireSocket(context).data.appState = state;
      foreground.changed(context.caller.userId);
      return Promise.resolve({});
    },
  };
}
