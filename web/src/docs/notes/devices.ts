import { LIMITS } from '@parley/common';
import type { Operations } from '@parley/common/contract';

import { AT, BEN, CLEO, DEVICE, GROUP, MESSAGE } from './examples.ts';
import type { Notes } from './notes.ts';

type DeviceNotes = Pick<
  Notes<Operations>,
  'device:register' | 'device:remove' | 'app:state' | 'message:delivery'
>;

/** Notes on the operations on devices and on what reaches them. */
export const deviceNotes: DeviceNotes = {
  'device:register': {
    description: `The device belongs to the session that asks and dies with it; a session has one, so a new token takes the place of the old. A token that was registered by somebody else moves here. At most ${LIMITS.devicesPerUser} devices a person, beyond it \`limit_reached\`. Register again at each start of the app: it changes nothing where nothing has changed.`,
    errors: ['limit_reached'],
    fields: { token: 'What Firebase Cloud Messaging gave this app. It is never answered.' },
    input: { token: 'dQw4w9WgXcQ:APA91bExample', platform: 'android' },
    output: { id: DEVICE, platform: 'android', createdAt: AT },
  },
  'device:remove': {
    description: 'Does nothing where the session has no device, or one with another token.',
    errors: [],
    fields: { token: 'Absent: whatever token the session has.' },
    input: {},
    output: {},
  },
  'app:state': {
    description:
      'Said of the socket that asks, and forgotten with it. A socket that has said nothing counts as in the foreground. Who has no device in the foreground is pushed to at once.',
    errors: [],
    input: { state: 'background' },
    output: {},
  },
  'message:delivery': {
    description: `Answered to the sender alone. \`recipients\` are the members who were meant, without those who have left; above ${LIMITS.receiptsInConversation} members it is empty and the counts say it.`,
    errors: ['forbidden', 'not_found'],
    input: { conversationId: GROUP, messageId: MESSAGE },
    output: {
      stored: AT,
      recipients: [
        {
          userId: BEN,
          deliveredAt: AT + 200,
          readAt: AT + 9_000,
          push: 'none',
          pushedAt: null,
          reason: null,
        },
        {
          userId: CLEO,
          deliveredAt: null,
          readAt: null,
          push: 'none',
          pushedAt: null,
          reason: 'muted',
        },
      ],
      counts: { delivered: 1, read: 1, of: 2 },
    },
  },
};
