import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { id, time } from './primitives.ts';

/** What kind of app takes the pushes of a device. */
export const platform = z.enum(['android', 'ios', 'web']);
export type Platform = z.infer<typeof platform>;

/** What Firebase Cloud Messaging calls one app on one device: printable ASCII without spaces. */
export const pushToken = z
  .string()
  .regex(new RegExp(`^[\\x21-\\x7e]{1,${LIMITS.pushTokenMax}}$`), 'Must be a registration token');

/** A device that pushes are sent to. Its token is never shown. */
export const device = z.object({ id, platform, createdAt: time });
export type Device = z.infer<typeof device>;

/** Whether somebody looks at the app, or it runs where nobody sees it. */
export const appState = z.enum(['foreground', 'background']);
export type AppState = z.infer<typeof appState>;

/** Why nothing was pushed to somebody who has not got a message. */
export const pushReason = z.enum(['waiting', 'muted', 'no_device', 'not_set_up', 'failed']);
export type PushReason = z.infer<typeof pushReason>;

/** What became of a message at one person. */
export const recipientDelivery = z.object({
  userId: id,
  deliveredAt: time.nullable(),
  readAt: time.nullable(),
  push: z.enum(['sent', 'none']),
  pushedAt: time.nullable(),
  reason: pushReason.nullable(),
});
export type RecipientDelivery = z.infer<typeof recipientDelivery>;

/** What became of a message, for its sender. */
export const delivery = z.object({
  stored: time,
  recipients: z.array(recipientDelivery),
  counts: z.object({ delivered: z.int(), read: z.int(), of: z.int() }),
});
export type Delivery = z.infer<typeof delivery>;

/** How the web app reaches Firebase: the public configuration of a Firebase web app, and its key for web push. */
export const webPush = z.object({
  vapidKey: z.string(),
  firebase: z.object({
    apiKey: z.string(),
    appId: z.string(),
    messagingSenderId: z.string(),
    projectId: z.string(),
    authDomain: z.string().optional(),
    storageBucket: z.string().optional(),
    measurementId: z.string().optional(),
  }),
});
export type WebPush = z.infer<typeof webPush>;
