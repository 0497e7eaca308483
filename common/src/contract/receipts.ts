import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { head, receipt } from '../model/conversation.ts';
import { id, seq, syncToken } from '../model/primitives.ts';
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
      "Sorted by conversation id. Clients that compare heads call it after each connection. Over a socket the answer comes once the socket receives the events of all its conversations, also of those without a head in the answer, so every later change arrives as an event. With `since` (revision 13), the server answers only what has changed if it can tell, and otherwise all heads: `changes` says which. It can tell over a socket with `sync: 'heads'`, on the node that gave the token, for some minutes after the user's last socket was closed. Without a token the comparison depends on nothing that was before.",
    http: { method: 'POST', path: '/sync' },
    limit: 'list',
    errors: [],
    input: z
      .strictObject({
        after: id.optional().describe('The last `conversationId` of the page before.'),
        since: syncToken
          .optional()
          .describe(
            'The `syncToken` of the last comparison that the client has carried out to its end. Not together with `after`. Since revision 13.',
          ),
        limit: z
          .int()
          .min(1)
          .max(LIMITS.syncMax)
          .default(LIMITS.syncMax)
          .describe('The largest number of heads.'),
      })
      .refine((input) => input.since === undefined || input.after === undefined, {
        message: 'Give since or after, not both',
        path: ['since'],
      })
      .meta({ not: { required: ['since', 'after'] } }),
    output: z.object({
      heads: z.array(head),
      hasMore: z.boolean(),
      syncToken: syncToken
        .nullable()
        .optional()
        .describe(
          'For `since` of the next comparison, once all pages of this one have been compared. `null` where the server cannot tell later what has changed, and in every page but the first. Absent below revision 13.',
        ),
      changes: z
        .object({
          left: z.array(id).describe('Conversations to which the caller no longer belongs, by id.'),
          total: z
            .int()
            .min(0)
            .describe(
              'How many conversations the caller belongs to. A client that has another number compares again without `since`.',
            ),
        })
        .nullable()
        .optional()
        .describe(
          '`null`: `heads` are all conversations of the caller. Otherwise they are those that have changed since `since`; some others may be among them. Absent below revision 13.',
        ),
    }),
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
        syncToken: '3f0e.0.17.4711.1767225720',
        changes: null,
      },
    },
  }),
} as const;
