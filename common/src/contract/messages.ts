import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { head, receipt } from '../model/conversation.ts';
import { delivery } from '../model/device.ts';
import { deletionEntry, entry, message, messageEntry } from '../model/entry.ts';
import { clientId, id, seq, seqPage, text } from '../model/primitives.ts';
import { operation } from './operation.ts';

const oneSide = {
  message: 'Give before or after, not both',
  path: ['before'],
};

const page = z
  .strictObject({ conversationId: id, ...seqPage })
  .refine((input) => input.before === undefined || input.after === undefined, oneSide);

/** Operations on messages, their receipts, and the comparison of heads. */
export const messageOperations = {
  'message:send': operation({
    name: 'message:send',
    summary: 'Send a message; the answer is the stored entry',
    http: { method: 'POST', path: '/conversations/:conversationId/messages' },
    limit: 'write',
    input: z
      .strictObject({
        conversationId: id,
        clientId,
        text: text.optional(),
        attachmentId: id.optional(),
        replyTo: id.optional(),
        /** The `clientId` this client sent before it here; if that is neither queued nor stored, `conflict`. */
        after: clientId.optional(),
      })
      .refine((input) => input.text !== undefined || input.attachmentId !== undefined, {
        message: 'Give text or attachmentId, or both',
        path: ['text'],
      }),
    output: messageEntry,
  }),
  'message:delete': operation({
    name: 'message:delete',
    summary: 'Delete a message for everybody',
    http: { method: 'DELETE', path: '/conversations/:conversationId/messages/:messageId' },
    limit: 'write',
    input: z.strictObject({ conversationId: id, messageId: id, clientId }),
    output: deletionEntry,
  }),
  'message:delivery': operation({
    name: 'message:delivery',
    summary: 'Who has an own message, how, or why not',
    http: { method: 'GET', path: '/conversations/:conversationId/messages/:messageId/delivery' },
    limit: 'read',
    input: z.strictObject({ conversationId: id, messageId: id }),
    output: delivery,
  }),
  'conversation:entries': operation({
    name: 'conversation:entries',
    summary: 'A page of the log',
    http: { method: 'GET', path: '/conversations/:conversationId/entries' },
    limit: 'read',
    input: page,
    output: z.object({ entries: z.array(entry), hasMore: z.boolean() }),
  }),
  'conversation:messages': operation({
    name: 'conversation:messages',
    summary: 'A page of messages as they stand now',
    http: { method: 'GET', path: '/conversations/:conversationId/messages' },
    limit: 'read',
    input: page,
    output: z.object({ messages: z.array(message), hasMore: z.boolean() }),
  }),
  'receipt:delivered': operation({
    name: 'receipt:delivered',
    summary: 'This device has everything up to here',
    http: { method: 'PUT', path: '/conversations/:conversationId/receipts/delivered' },
    limit: 'read',
    input: z.strictObject({ conversationId: id, seq }),
    output: receipt,
  }),
  'receipt:read': operation({
    name: 'receipt:read',
    summary: 'The person has read everything up to here',
    http: { method: 'PUT', path: '/conversations/:conversationId/receipts/read' },
    limit: 'read',
    input: z.strictObject({ conversationId: id, seq }),
    output: receipt,
  }),
  sync: operation({
    name: 'sync',
    summary: 'Where all own conversations stand, by id',
    http: { method: 'POST', path: '/sync' },
    limit: 'list',
    input: z.strictObject({
      after: id.optional(),
      limit: z.int().min(1).max(LIMITS.syncMax).default(LIMITS.syncMax),
    }),
    output: z.object({ heads: z.array(head), hasMore: z.boolean() }),
  }),
} as const;
