import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { appState, device, platform, pushToken } from '../model/device.ts';
import { AT, DEVICE } from './examples.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});

/** Operations on the devices that receive pushes. */
export const deviceOperations = {
  'device:register': operation({
    name: 'device:register',
    tag: 'Devices',
    summary: 'Send pushes to this device',
    description: `The device belongs to the session of the caller and is removed when that ends. A session has one device, so a new token replaces the old one. A token that another session registered moves to this one. At most ${LIMITS.devicesPerUser} devices per user; beyond that \`limit_reached\`. Call it at each start of the app: it changes nothing if nothing has changed.`,
    http: { method: 'PUT', path: '/devices/fcm-token' },
    limit: 'write',
    errors: ['limit_reached'],
    input: z.strictObject({
      token: pushToken.describe(
        'The token that Firebase Cloud Messaging gave this app. It is never answered.',
      ),
      platform,
    }),
    output: device,
    example: {
      input: { token: 'dQw4w9WgXcQ:APA91bExample', platform: 'android' },
      output: { id: DEVICE, platform: 'android', createdAt: AT },
    },
  }),
  'device:remove': operation({
    name: 'device:remove',
    tag: 'Devices',
    summary: 'Send no more pushes to this device',
    description: 'Changes nothing if the session has no device, or one with another token.',
    http: { method: 'DELETE', path: '/devices/fcm-token' },
    limit: 'write',
    errors: [],
    input: z.strictObject({
      token: pushToken.optional().describe('Absent: the token of the session, whichever it is.'),
    }),
    output: none,
    example: { input: {}, output: {} },
  }),
  'app:state': operation({
    name: 'app:state',
    tag: 'Devices',
    summary: 'Say whether the app is in the foreground',
    description:
      'Applies to the socket of the call and ends with it. A socket that has not called it counts as in the foreground. A user without a device in the foreground gets pushes at once.',
    limit: 'read',
    errors: [],
    input: z.strictObject({ state: appState }),
    output: none,
    example: { input: { state: 'background' }, output: {} },
  }),
} as const;
