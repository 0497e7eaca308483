import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { id, time } from './primitives.ts';

/** The kind of app that receives the pushes of a device. */
export const platform = z
  .enum(['android', 'ios', 'web'])
  .meta({ id: 'Platform', description: 'The kind of app that receives the pushes.' });
export type Platform = z.infer<typeof platform>;

/** The registration token of Firebase Cloud Messaging for one app on one device: printable ASCII without spaces. */
export const pushToken = z
  .string()
  .regex(new RegExp(`^[\\x21-\\x7e]{1,${LIMITS.pushTokenMax}}$`), 'Must be a registration token')
  .meta({
    id: 'PushToken',
    description:
      'A registration token of Firebase Cloud Messaging: printable ASCII without spaces.',
    minLength: 1,
    maxLength: LIMITS.pushTokenMax,
  });

/** A device that receives pushes. Its token is never answered. */
export const device = z.object({ id, platform, createdAt: time }).meta({
  id: 'Device',
  description: 'A device that receives pushes. Its token is never answered.',
});
export type Device = z.infer<typeof device>;

/** Whether the app is in front of its user or runs in the background. */
export const appState = z.enum(['foreground', 'background']).meta({
  id: 'AppState',
  description:
    '`background`: the app runs, but the user does not see it. The user does not count as online through it.',
});
export type AppState = z.infer<typeof appState>;

/** Why no push was sent to a member who has not received a message. */
export const pushReason = z.enum(['waiting', 'muted', 'no_device', 'not_set_up', 'failed']).meta({
  id: 'PushReason',
  description:
    'Why no push was sent to a member who has not received the message: `waiting` it is about to be sent, `muted` the member muted the conversation, `no_device` the member has no device for pushes, `not_set_up` this server sends no pushes, `failed` all attempts failed.',
});
export type PushReason = z.infer<typeof pushReason>;

/** The delivery of a message to one member. */
export const recipientDelivery = z
  .object({
    userId: id,
    deliveredAt: time
      .nullable()
      .describe(
        'When the delivered mark was last raised, so the message had reached a device by then; `null`: not yet.',
      ),
    readAt: time
      .nullable()
      .describe(
        'When the read mark was last raised; `null`: not yet, or the member hides its read receipts.',
      ),
    push: z.enum(['sent', 'none']).describe('Whether Firebase accepted a push that covers it.'),
    pushedAt: time.nullable().describe('When Firebase accepted the last such push.'),
    reason: pushReason
      .nullable()
      .describe('`null` if a push was sent, or the message arrived without one.'),
  })
  .meta({ id: 'RecipientDelivery', description: 'The delivery of a message to one member.' });
export type RecipientDelivery = z.infer<typeof recipientDelivery>;

/** The delivery of a message, for its sender. */
export const delivery = z
  .object({
    stored: time.describe('When the message was stored.'),
    recipients: z
      .array(recipientDelivery)
      .describe(`Empty above ${LIMITS.receiptsInConversation} members.`),
    counts: z
      .object({ delivered: z.int(), read: z.int(), of: z.int() })
      .describe('How many of the `of` recipients have received it and have read it.'),
  })
  .meta({ id: 'Delivery', description: 'The delivery of a message, for its sender.' });
export type Delivery = z.infer<typeof delivery>;

/** How the web app reaches Firebase: the public configuration of a Firebase web app, and its key for web push. */
export const webPush = z
  .object({
    vapidKey: z.string().describe('The public key for web push.'),
    firebase: z
      .object({
        apiKey: z.string(),
        appId: z.string(),
        messagingSenderId: z.string(),
        projectId: z.string(),
        authDomain: z.string().optional(),
        storageBucket: z.string().optional(),
        measurementId: z.string().optional(),
      })
      .describe('The configuration of the Firebase web app, as its SDK takes it.'),
  })
  .meta({
    id: 'WebPush',
    description:
      'How the web app reaches Firebase. Everything in it is public. The web app registers the token that it gets with `device:register`.',
  });
export type WebPush = z.infer<typeof webPush>;
