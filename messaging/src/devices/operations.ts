import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { DeviceService } from './service.ts';

export type DeviceOperation = `device:${'register' | 'remove'}`;

/** Handlers of the operations on devices. */
export function deviceHandlers(
  devices: DeviceService,
): Handlers<Pick<Operations, DeviceOperation>, MessagingContext> {
  return {
    'device:register': (input, { caller }) => devices.register(input, caller),
    'device:remove': async ({ token }, { caller }) => {
      await devices.remove(token, caller);
      return {};
    },
  };
}
