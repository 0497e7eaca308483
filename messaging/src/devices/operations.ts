import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { requireSocket, type MessagingContext } from '../gateway/context.ts';
import type { DeviceService } from './service.ts';

type DeviceHandlers = Pick<
  Handlers<Operations, MessagingContext>,
  'device:register' | 'device:remove' | 'app:state'
>;

/** Handlers of the operations on devices. */
export function deviceHandlers({ devices }: { readonly devices: DeviceService }): DeviceHandlers {
  return {
    'device:register': (input, { caller }) => devices.register(input, caller),
    'device:remove': async ({ token }, { caller }) => {
      await devices.remove(token, caller);
      return {};
    },
    'app:state': ({ state }, context) => {
      requireSocket(context).data.appState = state;
      return Promise.resolve({});
    },
  };
}
