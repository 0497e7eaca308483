import { z } from 'zod';

import { conversationKind } from '../model/conversation.ts';
import { platform } from '../model/device.ts';
import { memberRole } from '../model/entry.ts';
import { id, seq, time } from '../model/primitives.ts';
import { MINUTE } from '../time.ts';
import { AT, ANN, BEN, DEVICE, GROUP, SESSION } from './examples.ts';
import { operation } from './operation.ts';

const ADMINS = 'For administrators only. Since revision 12.';
const ofConversation = z.strictObject({ conversationId: id });
const count = z.int().min(0);

const inspectedMember = z
  .object({
    userId: id,
    username: z.string().nullable().describe('`null` once the account is deleted.'),
    role: memberRole.nullable().describe('`null` in a direct conversation, which has no roles.'),
    joinedAt: time,
    joinedSeq: seq,
    deliveredSeq: seq,
    deliveredAt: time.nullable().describe('When that mark was last raised.'),
    readSeq: seq,
    readAt: time.nullable().describe('When that mark was last raised.'),
  })
  .meta({ id: 'InspectedMember', description: 'A membership as administrators see it.' });

const inspectedPush = z
  .object({
    conversationId: id.nullable().describe('`null`: about the partner.'),
    seq: count.describe('The newest item to push: `seq` of a message, or a time of the partner.'),
    dueAt: time.nullable().describe('When it is sent, or tried again; `null`: nothing waits.'),
    attempts: count.describe('Attempts that failed since the last success.'),
    failedSeq: count.nullable().describe('`seq` of the last push that was given up.'),
    sent: z
      .object({ seq: count, at: time, deviceIds: z.array(id) })
      .nullable()
      .describe('The last push that was sent, and to which devices.'),
  })
  .meta({ id: 'InspectedPush', description: 'The push to a user about one conversation.' });

/** Operations with which administrators look into the messaging service. None of them answers what people write. */
export const inspectionOperations = {
  'admin:conversation': operation({
    name: 'admin:conversation',
    tag: 'Administration',
    summary: 'Show a conversation',
    description: `Without its title and its messages. ${ADMINS}`,
    http: { method: 'GET', path: '/admin/conversations/:conversationId' },
    limit: 'read',
    errors: ['forbidden', 'not_found'],
    input: ofConversation,
    output: z.object({
      id,
      kind: conversationKind,
      createdAt: time,
      createdBy: id,
      memberCount: count,
      lastSeq: seq.describe('`seq` of the newest entry: how many entries it has had.'),
      lastAt: time.describe('When it was last active; may be seconds behind.'),
    }),
    example: {
      input: { conversationId: GROUP },
      output: {
        ...{ id: GROUP, kind: 'group', createdAt: AT, createdBy: ANN, memberCount: 2 },
        ...{ lastSeq: 3, lastAt: AT + 2 * MINUTE },
      },
    },
  }),
  'admin:conversation-members': operation({
    name: 'admin:conversation-members',
    tag: 'Administration',
    summary: 'List the members of a conversation',
    description: `Those of now, with how far each has received and read it; what privacy settings hide from others is shown. ${ADMINS}`,
    http: { method: 'GET', path: '/admin/conversations/:conversationId/members' },
    limit: 'list',
    errors: ['forbidden', 'not_found'],
    input: ofConversation,
    output: z.object({ members: z.array(inspectedMember) }),
    example: {
      input: { conversationId: GROUP },
      output: {
        members: [
          {
            ...{ userId: ANN, username: 'ann', role: 'owner', joinedAt: AT, joinedSeq: 1 },
            ...{ deliveredSeq: 3, deliveredAt: AT + 2 * MINUTE },
            ...{ readSeq: 2, readAt: AT + MINUTE },
          },
        ],
      },
    },
  }),
  'admin:push': operation({
    name: 'admin:push',
    tag: 'Administration',
    summary: 'Show the devices of an account and its pushes',
    description: `Of a registration token, the last characters only. Pushes that wait come first, then those that were sent last; at most 50 of each. ${ADMINS}`,
    http: { method: 'GET', path: '/admin/push/:user' },
    limit: 'list',
    errors: ['forbidden', 'not_found'],
    input: z.strictObject({
      user: z
        .string()
        .regex(/^[\w.-]{1,64}$/)
        .describe('The username, in upper or lower case, or the id.'),
    }),
    output: z.object({
      userId: id,
      devices: z.array(
        z.object({
          ...{ id, sessionId: id, platform, createdAt: time },
          tokenEnd: z.string().max(6).describe('The last characters of the registration token.'),
        }),
      ),
      pushes: z.array(inspectedPush),
    }),
    example: {
      input: { user: 'ben' },
      output: {
        userId: BEN,
        devices: [
          {
            ...{ id: DEVICE, sessionId: SESSION, platform: 'android', createdAt: AT },
            tokenEnd: 'x7Rk2Q',
          },
        ],
        pushes: [
          {
            ...{ conversationId: GROUP, seq: 3, dueAt: null, attempts: 0, failedSeq: null },
            sent: { seq: 3, at: AT + 2 * MINUTE, deviceIds: [DEVICE] },
          },
        ],
      },
    },
  }),
  'admin:stats': operation({
    name: 'admin:stats',
    tag: 'Administration',
    summary: 'Show how much there is',
    description: `Estimates from the metadata of the collections; nothing is counted one by one. \`sockets\` are those of the node that answers. Queues are counted to 10,000. ${ADMINS}`,
    http: { method: 'GET', path: '/admin/stats' },
    limit: 'list',
    errors: ['forbidden'],
    input: z.strictObject({}),
    output: z.object({
      accounts: count.describe('Deleted ones included.'),
      sessions: count.describe('Those that ended lately included.'),
      conversations: count,
      entries: count.describe('Messages, and all else in the logs of the conversations.'),
      attachments: count,
      devices: count,
      sockets: count,
      queues: z.object({ pushes: count, accountRemovals: count }),
    }),
    example: {
      input: {},
      output: {
        ...{ accounts: 1_204, sessions: 2_310, conversations: 5_120, entries: 918_344 },
        ...{ attachments: 12_877, devices: 1_530, sockets: 402 },
        queues: { pushes: 3, accountRemovals: 0 },
      },
    },
  }),
} as const;
