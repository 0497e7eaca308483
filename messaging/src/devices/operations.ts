import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import { requireSocket, type MessagingContext } from '../transport/server/context.ts';
import type { DeviceService } from './service.ts';

type DeviceHandlers = Pick<
  Handlers<Operations, MessagingContext>,
  'device:register' | 'device:remove' | 'app:state'
>;

/** Handlers of the operations on devices. */
export function deviceHandlers({
  devices,
  foreground,
}: {
  readonly devices: DeviceService;
  readonly foreground: { changed(userId: string): void };
}): DeviceHandlers {
  return {
    'device:register': (input, { caller }) => devices.register(input, caller),
    'device:remove': async ({ token }, { caller }) => {
      await devices.remove(token, caller);
      return {};
    },
    'app:state': ({ state }, context) => {
      requireSocket(context).data.appState = state;
      foreground.changed(context.caller.userId);
      return Promise.resolve({});
    },
  };
}
