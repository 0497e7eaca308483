import type { Operations } from '@parley/common/contract';

import {
  ANN,
  AT,
  DELETION,
  GROUP,
  MESSAGE,
  message,
  messageEntry,
  receipt,
  settings,
} from './examples.ts';
import type { Notes } from './notes.ts';

type MessageNotes = Pick<
  Notes<Operations>,
  | 'message:send'
  | 'message:delete'
  | 'conversation:entries'
  | 'conversation:messages'
  | 'receipt:delivered'
  | 'receipt:read'
  | 'sync'
>;

const PAGE = {
  before: 'Only what has a smaller `seq`, the newest of it.',
  after: 'Only what has a larger `seq`, the oldest of it.',
  limit:
    'How many at most. A page may be shorter (about 256 KiB): only `hasMore` says whether there is more.',
};
const ONE_SIDE =
  'Give `before` or `after`, not both; with neither, the newest. A page is always ascending, and never reaches before the own join.';
const MARK =
  'Raises the own position and answers the receipt as it then stands, which may be lower than asked: a mark never covers what was not sent to a plain socket, nor what does not exist. It never goes back.';

/** Notes on the operations on messages, receipts and heads. */
export const messageNotes: MessageNotes = {
  'message:send': {
    description:
      'The answer comes when a majority of the database has journaled the entry, and means that everybody will get it. Repeat with the same `clientId` until there is an answer: a repeat answers the first entry, without limit in time, also when the sender may no longer write. Other content under the same key is `client_id_reused`. `conflict`, which may be tried again, where `after` is neither queued nor stored; and which may not, where the attachment is not ready or was given to another message.',
    errors: ['not_found', 'conflict', 'client_id_reused'],
    fields: {
      clientId: 'The key of this message among those of its sender in this conversation.',
      text: 'May be absent where there is an attachment.',
      attachmentId:
        'A file that the sender made for this conversation, which is ready and in no message yet.',
      replyTo: 'The message that it answers, in the same conversation.',
      after:
        'The `clientId` that this client sent before it here, so that a refused message is never overtaken.',
    },
    input: {
      conversationId: GROUP,
      clientId: 'a-1',
      text: 'See you there',
      replyTo: MESSAGE,
      after: 'a-0',
    },
    output: messageEntry,
  },
  'message:delete': {
    description:
      'For its sender, and for owners and admins of a group. Text and attachment leave every answer and the stored documents before this is answered; the file itself goes from the store at once, or within minutes where the store does not answer. Deleting what is deleted answers the first deletion.',
    errors: ['forbidden', 'not_found', 'client_id_reused'],
    fields: { clientId: 'The key of this deletion.' },
    input: { conversationId: GROUP, messageId: messageEntry.id, clientId: 'a-2' },
    output: {
      id: DELETION,
      conversationId: GROUP,
      seq: 4,
      kind: 'deletion',
      senderId: ANN,
      clientId: 'a-2',
      at: AT + 180_000,
      messageId: messageEntry.id,
      messageSeq: 3,
    },
  },
  'conversation:entries': {
    description: ONE_SIDE,
    errors: ['not_found'],
    fields: PAGE,
    input: { conversationId: GROUP, after: 2, limit: 50 },
    output: { entries: [messageEntry], hasMore: false },
  },
  'conversation:messages': {
    description: `${ONE_SIDE} Other kinds of entry are left out, and what they changed is applied.`,
    errors: ['not_found'],
    fields: PAGE,
    input: { conversationId: GROUP, before: 3, limit: 50 },
    output: { messages: [message], hasMore: false },
  },
  'receipt:delivered': {
    description: MARK,
    errors: ['not_found'],
    fields: { seq: 'Everything up to here has arrived.' },
    input: { conversationId: GROUP, seq: 3 },
    output: { ...receipt, readSeq: 2 },
  },
  'receipt:read': {
    description: `${MARK} What is read is delivered, and the flag \`unread\` is cleared.`,
    errors: ['not_found'],
    fields: { seq: 'Everything up to here was read.' },
    input: { conversationId: GROUP, seq: 3 },
    output: receipt,
  },
  sync: {
    description:
      'Asked after each connection by clients that compare heads. Over a socket it is answered when the socket stands in all its conversations, so that whatever happens later is announced. It uses no clock and no token.',
    errors: [],
    fields: {
      after: 'The last `conversationId` of the page before.',
      limit: 'How many at most.',
    },
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
};
