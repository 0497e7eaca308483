import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { delivery } from '../model/device.ts';
import { deletionEntry, entry, message, messageEntry } from '../model/entry.ts';
import { clientId, id, seqPage, text } from '../model/primitives.ts';
import { MINUTE } from '../time.ts';
import {
  ANN,
  AT,
  BEN,
  CLEO,
  DELETION,
  GROUP,
  MESSAGE,
  message as exampleMessage,
  messageEntry as exampleEntry,
} from './examples.ts';
import { operation } from './operation.ts';

const oneSide = {
  message: 'Give before or after, not both',
  path: ['before'],
};

const page = z
  .strictObject({ conversationId: id, ...seqPage })
  .refine((input) => input.before === undefined || input.after === undefined, oneSide)
  .meta({ not: { required: ['before', 'after'] } });

const ONE_SIDE =
  'Give `before` or `after`, not both; with neither, the newest. A page is always ascending and never has an entry from before the join of the caller.';

/** Operations on messages and the log. */
export const messageOperations = {
  'message:send': operation({
    name: 'message:send',
    tag: 'Messages',
    summary: 'Send a message and get the stored entry',
    description:
      'The answer comes once a majority of the database has journaled the entry, and means that every member will get it. Repeat it with the same `clientId` until there is an answer: a repeat gets the first entry, without a time limit, even if the sender may no longer write. `client_id_reused` if the same key was used with other content. `conflict`, which may be repeated, if `after` is neither queued nor stored; not retryable if the attachment is not ready or was sent with another message.',
    http: { method: 'POST', path: '/conversations/:conversationId/messages' },
    limit: 'write',
    errors: ['not_found', 'conflict', 'client_id_reused'],
    input: z
      .strictObject({
        conversationId: id,
        clientId: clientId.describe(
          'The key of this message, unique among those of its sender in this conversation.',
        ),
        text: text.optional().describe('May be absent if there is an attachment.'),
        attachmentId: id
          .optional()
          .describe(
            'A file that the sender created for this conversation, that is ready and not sent yet.',
          ),
        replyTo: id
          .optional()
          .describe('The message that this one replies to, in the same conversation.'),
        after: clientId
          .optional()
          .describe(
            'The `clientId` that this client sent before it in this conversation, so that no later message overtakes a refused one. If that message is neither queued nor stored, the answer is `conflict`.',
          ),
      })
      .refine((input) => input.text !== undefined || input.attachmentId !== undefined, {
        message: 'Give text or attachmentId, or both',
        path: ['text'],
      })
      .meta({ anyOf: [{ required: ['text'] }, { required: ['attachmentId'] }] }),
    output: messageEntry,
    example: {
      input: {
        conversationId: GROUP,
        clientId: 'a-1',
        text: 'See you there',
        replyTo: MESSAGE,
        after: 'a-0',
      },
      output: exampleEntry,
    },
  }),
  'message:delete': operation({
    name: 'message:delete',
    tag: 'Messages',
    summary: 'Delete a message for everybody',
    description:
      'For its sender, and for owners and admins of a group. Before the answer, text and attachment have left every operation and the stored documents; the file leaves the object store at once, or within minutes if the store does not answer. A repeat gets the first deletion.',
    http: { method: 'DELETE', path: '/conversations/:conversationId/messages/:messageId' },
    limit: 'write',
    errors: ['forbidden', 'not_found', 'client_id_reused'],
    input: z.strictObject({
      conversationId: id,
      messageId: id,
      clientId: clientId.describe('The key of this deletion.'),
    }),
    output: deletionEntry,
    example: {
      input: { conversationId: GROUP, messageId: exampleEntry.id, clientId: 'a-2' },
      output: {
        id: DELETION,
        conversationId: GROUP,
        seq: 4,
        kind: 'deletion',
        senderId: ANN,
        clientId: 'a-2',
        at: AT + 3 * MINUTE,
        messageId: exampleEntry.id,
        messageSeq: 3,
      },
    },
  }),
  'message:delivery': operation({
    name: 'message:delivery',
    tag: 'Messages',
    summary: 'Get who has received and read a message of the caller',
    description: `For the sender of the message. \`recipients\` are the members without those who have left; above ${LIMITS.receiptsInConversation} members it is empty and only the counts are given.`,
    http: { method: 'GET', path: '/conversations/:conversationId/messages/:messageId/delivery' },
    limit: 'read',
    errors: ['forbidden', 'not_found'],
    input: z.strictObject({ conversationId: id, messageId: id }),
    output: delivery,
    example: {
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
  }),
  'conversation:entries': operation({
    name: 'conversation:entries',
    tag: 'Messages',
    summary: 'Get a page of the log',
    description: ONE_SIDE,
    http: { method: 'GET', path: '/conversations/:conversationId/entries' },
    limit: 'read',
    errors: ['not_found'],
    input: page,
    output: z.object({ entries: z.array(entry), hasMore: z.boolean() }),
    example: {
      input: { conversationId: GROUP, after: 2, limit: 50 },
      output: { entries: [exampleEntry], hasMore: false },
    },
  }),
  'conversation:messages': operation({
    name: 'conversation:messages',
    tag: 'Messages',
    summary: 'Get a page of messages with all later changes applied',
    description: `${ONE_SIDE} Entries of other kinds are left out; their effect on messages is applied.`,
    http: { method: 'GET', path: '/conversations/:conversationId/messages' },
    limit: 'read',
    errors: ['not_found'],
    input: page,
    output: z.object({ messages: z.array(message), hasMore: z.boolean() }),
    example: {
      input: { conversationId: GROUP, before: 3, limit: 50 },
      output: { messages: [exampleMessage], hasMore: false },
    },
  }),
} as const;
