import { z } from 'zod';

import { appState, device, platform, pushToken } from '../model/device.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});

/** Operations on the devices that pushes are sent to. */
export const deviceOperations = {
  'device:register': operation({
    name: 'device:register',
    summary: 'Send pushes to this device',
    http: { method: 'PUT', path: '/devices/fcm-token' },
    limit: 'write',
    input: z.strictObject({ token: pushToken, platform }),
    output: device,
  }),
  'device:remove': operation({
    name: 'device:remove',
    summary: 'Send no more pushes to this device',
    http: { method: 'DELETE', path: '/devices/fcm-token' },
    limit: 'write',
    input: z.strictObject({ token: pushToken.optional() }),
    output: none,
  }),
  'app:state': operation({
    name: 'app:state',
    summary: 'Say whether somebody looks at the app',
    input: z.strictObject({ state: appState }),
    output: none,
    limit: 'read',
  }),
} as const;
