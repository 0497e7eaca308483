import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { head, receipt } from '../model/conversation.ts';
import { id, seq } from '../model/primitives.ts';
import { GROUP, receipt as exampleReceipt, settings } from './examples.ts';
import { operation } from './operation.ts';

const MARK =
  "Raises the caller's receipt mark and answers the resulting receipt. The mark may be lower than asked: it never passes the newest entry, nor what was sent to a plain socket. It never goes back.";

/** Operations on receipt marks, and the comparison of heads. */
export const receiptOperations = {
  'receipt:delivered': operation({
    name: 'receipt:delivered',
    tag: 'Receipts',
    summary: 'Acknowledge that this device has every entry up to a position',
    description: MARK,
    http: { method: 'PUT', path: '/conversations/:conversationId/receipts/delivered' },
    limit: 'read',
    errors: ['not_found'],
    input: z.strictObject({
      conversationId: id,
      seq: seq.describe('Every entry up to this one has arrived.'),
    }),
    output: receipt,
    example: {
      input: { conversationId: GROUP, seq: 3 },
      output: { ...exampleReceipt, readSeq: 2 },
    },
  }),
  'receipt:read': operation({
    name: 'receipt:read',
    tag: 'Receipts',
    summary: 'Acknowledge that the user has read every entry up to a position',
    description: `${MARK} What is read counts as delivered, and the flag \`unread\` is cleared.`,
    http: { method: 'PUT', path: '/conversations/:conversationId/receipts/read' },
    limit: 'read',
    errors: ['not_found'],
    input: z.strictObject({
      conversationId: id,
      seq: seq.describe('The user has read every entry up to this one.'),
    }),
    output: receipt,
    example: { input: { conversationId: GROUP, seq: 3 }, output: exampleReceipt },
  }),
  sync: operation({
    name: 'sync',
    tag: 'Sync',
    summary: 'Get the heads of all conversations of the caller',
    description:
      'Sorted by conversation id. Clients that compare heads call it after each connection. Over a socket the answer comes once the socket receives the events of all its conversations, so every later change arrives as an event. It needs no clock and no token.',
    http: { method: 'POST', path: '/sync' },
    limit: 'list',
    errors: [],
    input: z.strictObject({
      after: id.optional().describe('The last `conversationId` of the page before.'),
      limit: z
        .int()
        .min(1)
        .max(LIMITS.syncMax)
        .default(LIMITS.syncMax)
        .describe('The largest number of heads.'),
    }),
    output: z.object({ heads: z.array(head), hasMore: z.boolean() }),
    example: {
      input: { limit: 500 },
      output: {
        heads: [
          {
            conversationId: GROUP,
            lastSeq: 3,
            joinedSeq: 1,
            deliveredSeq: 3,
            readSeq: 2,
            settings,
            version: 1,
          },
        ],
        hasMore: false,
      },
    },
  }),
} as const;
