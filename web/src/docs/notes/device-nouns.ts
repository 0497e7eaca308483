import { LIMITS } from '@parley/common';

import type { NounName } from '../named-schemas.ts';
import type { NounNotes } from './nouns.ts';

type DeviceNoun = Extract<
  NounName,
  | 'PushToken'
  | 'Platform'
  | 'Device'
  | 'AppState'
  | 'PushReason'
  | 'RecipientDelivery'
  | 'Delivery'
  | 'WebPush'
>;

/** The nouns of devices and of what is pushed to them. */
export const deviceNouns: Readonly<Record<DeviceNoun, NounNotes>> = {
  PushToken: {
    description:
      'A registration token of Firebase Cloud Messaging: printable ASCII without spaces.',
    shape: { minLength: 1, maxLength: LIMITS.pushTokenMax },
  },
  Platform: { description: 'The kind of app that takes the pushes.' },
  Device: { description: 'A device that pushes are sent to. Its token is never shown.' },
  AppState: {
    description: '`background`: the app runs, and nobody looks at it. It does not count as there.',
  },
  PushReason: {
    description:
      'Why nothing was pushed to somebody who has not got the message: `waiting` it is about to be, `muted` the person muted the conversation, `no_device` no device to push to, `not_set_up` this server pushes nothing, `failed` it was given up.',
  },
  RecipientDelivery: {
    description: 'What became of a message at one person.',
    fields: {
      deliveredAt:
        'When it had reached a device, at the latest: the moment in which the mark was raised last. `null`: not yet.',
      readAt: 'The same of reading; `null` also where the person keeps reading private.',
      push: 'Whether a push that covers it was handed to Firebase.',
      pushedAt: 'When the last such push was taken.',
      reason: '`null` where it was pushed, or has arrived without.',
    },
  },
  Delivery: {
    description: 'What became of a message, for its sender.',
    fields: {
      stored: 'When it was sent.',
      recipients: `Empty above ${LIMITS.receiptsInConversation} members.`,
      counts: 'How many of those who were meant have got it and have read it.',
    },
  },
  WebPush: {
    description:
      'How the web app reaches Firebase. Everything in it is public. The token it leads to is registered by `device:register`.',
    fields: {
      vapidKey: 'The public key for web push.',
      firebase: 'The configuration of the Firebase web app, as its SDK takes it.',
    },
  },
};
