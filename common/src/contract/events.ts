import { z } from 'zod';

import { ERRORS, type ErrorCode } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { conversation, receipt, settings } from '../model/conversation.ts';
import { entry } from '../model/entry.ts';
import { partnerEvent, status } from '../model/partner.ts';
import { presence } from '../model/presence.ts';
import { id, time } from '../model/primitives.ts';
import { publicProfile } from '../model/user.ts';
import { SECOND } from '../time.ts';
import {
  ANN,
  AT,
  ATTACHMENT,
  ben,
  BEN,
  group,
  GROUP,
  messageEntry,
  receipt as exampleReceipt,
  SESSION,
  status as exampleStatus,
} from './examples.ts';
import { CONTRACT } from './version.ts';

/** Something that the server sends to sockets unasked, or that a client says in its handshake. */
export interface SocketEvent<Payload extends z.ZodType = z.ZodType> {
  /** One line without a full stop. */
  readonly summary: string;
  /** Who gets it and when, and what it means for a client. Markdown. */
  readonly description: string;
  readonly payload: Payload;
  readonly example: z.output<Payload>;
}

/** Declares an event and keeps its exact types. */
export function event<Payload extends z.ZodType>(
  declared: SocketEvent<Payload>,
): SocketEvent<Payload> {
  return declared;
}

const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).meta({
  id: 'ErrorCode',
  description:
    'A stable identifier of what went wrong. Clients branch on it, never on the message.',
});

/** What the server sends to sockets unasked, by event name. */
export const events = {
  ready: event({
    summary: 'The connection is open',
    description: 'Sent right after the handshake, before everything else.',
    payload: z.object({
      contract: z.object({ version: z.literal(1), revision: z.int() }),
      sessionId: id,
      userId: id,
      serverTime: time.describe(
        'A client keeps the difference to its own clock and uses its own clock for nothing else.',
      ),
      replaying: z.boolean().describe('Whether pages of missed entries follow (`sync:page`).'),
      attachments: z
        .boolean()
        .optional()
        .describe('Whether files can be sent. Absent below revision 7.'),
    }),
    example: {
      contract: CONTRACT,
      sessionId: SESSION,
      userId: ANN,
      serverTime: AT,
      replaying: true,
      attachments: true,
    },
  }),
  entry: event({
    summary: 'A conversation has a new entry',
    description:
      'Sent to every socket of every member, in `seq` order without gaps. The socket that sent or deleted a message gets the entry as its acknowledgement and not as an event.',
    payload: entry,
    example: messageEntry,
  }),
  'sync:page': event({
    summary: 'Entries that this session has missed',
    description: `Sent to clients that do not say \`sync: 'heads'\`: ascending, conversation by conversation, one unacknowledged page at a time. The client acknowledges each page. If it does not within ${LIMITS.replayPageAck / SECOND} s, the replay goes on without waiting, and what was not acknowledged is sent again to the next connection. Acknowledging a page counts as \`receipt:delivered\`. After a crash a page may be sent again.`,
    payload: z.object({ conversationId: id, entries: z.array(entry), hasMore: z.boolean() }),
    example: { conversationId: GROUP, entries: [messageEntry], hasMore: false },
  }),
  'sync:done': event({
    summary: 'The replay is complete',
    description: 'Sent after the last `sync:page`, also if there was none.',
    payload: z.object({}),
    example: {},
  }),
  resync: event({
    summary: 'Compare heads again',
    description:
      "Sent to clients that say `sync: 'heads'`, when the server could not send every change as an event. The client calls `sync` again after a random time within `withinMs`.",
    payload: z.object({
      conversationIds: z
        .array(id)
        .optional()
        .describe('The conversations concerned; absent: all of them.'),
      withinMs: z.int().describe('Milliseconds.'),
    }),
    example: { conversationIds: [GROUP], withinMs: 2_000 },
  }),
  receipt: event({
    summary: 'A member has received or read more',
    description: `Sent to all members of a conversation with at most ${LIMITS.receiptsInConversation}, the member's own devices included; in larger ones to those devices alone. At most every ${LIMITS.receiptEvents} ms per conversation, the newest receipt of each member. Live only: \`conversation:get\` answers the current receipts.`,
    payload: receipt,
    example: exampleReceipt,
  }),
  typing: event({
    summary: 'A member is typing, or has stopped',
    description: 'Sent to the other members.',
    payload: z.object({
      conversationId: id,
      userId: id,
      typing: z.boolean(),
      expiresInMs: z.int().describe('Milliseconds after which the receiver forgets it.'),
    }),
    example: {
      conversationId: GROUP,
      userId: BEN,
      typing: true,
      expiresInMs: LIMITS.typingExpires,
    },
  }),
  presence: event({
    summary: 'A user came online or went offline',
    description: `Sent to sockets that watch the user (\`presence:watch\`). That a user went offline is sent ${LIMITS.presenceGrace / SECOND} s later, and only if no socket of that user has come back.`,
    payload: presence,
    example: { userId: BEN, online: true, lastSeenAt: AT },
  }),
  profile: event({
    summary: 'The name or picture of a user changed',
    description:
      'Sent within 2 s to every user who shares a conversation with the user. Live only: conversations and members have the current profiles.',
    payload: publicProfile,
    example: ben,
  }),
  conversation: event({
    summary: 'A conversation was added, removed, or has other settings',
    description:
      '`added` is sent before the first entry that the member sees, `removed` after the last one, `updated` to all devices of the user who changed the settings. Changes of the title and of other members arrive as entries.',
    payload: z.discriminatedUnion('action', [
      z.object({ action: z.literal('added'), conversation }),
      z.object({ action: z.literal('removed'), conversationId: id }),
      z.object({ action: z.literal('updated'), conversationId: id, settings }),
    ]),
    example: { action: 'added', conversation: group },
  }),
  attachment: event({
    summary: 'The thumbnail of a file is available',
    description:
      'Sent to the members if the thumbnail was made after the message was sent; from then on the message itself says `thumbnail: true`. Live only.',
    payload: z.object({
      attachmentId: id.describe('The attachment of a message in this conversation.'),
      conversationId: id,
      thumbnail: z.literal(true),
    }),
    example: { attachmentId: ATTACHMENT, conversationId: GROUP, thumbnail: true },
  }),
  partner: event({
    summary: 'The partner, or its status, changed',
    description:
      'Sent to every device of the user whose partner it is or was. If a node dies, it may be sent twice, and from two nodes in another order: a client drops an event whose `timestamp` is not later than what it knows of that `partnerId`, or for a link or its end than what it knows of any. Missed events are not sent again; `partner:get` answers the current state.',
    payload: partnerEvent,
    example: { type: 'PARTNER_STATUS_CHANGED', partnerId: BEN, ...exampleStatus },
  }),
  status: event({
    summary: "The user's own status changed",
    description:
      'Sent to every device of the user, whether a device changed the status or it ended by itself.',
    payload: status,
    example: exampleStatus,
  }),
  block: event({
    summary: 'The user blocks another user, or no longer does',
    description:
      'Sent to every device of the user who blocks; the blocked user gets nothing. Live only: `block:list` answers the current blocks. Since revision 7.',
    payload: z.object({
      userId: id.describe('The other user.'),
      blocked: z.boolean().describe('Whether there is a block from now on.'),
    }),
    example: { userId: BEN, blocked: true },
  }),
  'session:closed': event({
    summary: 'The session has ended',
    description:
      'Sent after a logout, a revocation or the expiry of the session. The server then closes the connection.',
    payload: z.object({
      code: errorCode,
      reconnect: z
        .boolean()
        .describe('False: the token no longer works, so the client must not reconnect with it.'),
    }),
    example: { code: 'session_expired', reconnect: false },
  }),
  'server:draining': event({
    summary: 'This node is about to stop',
    description:
      'The server closes the connection soon after. The client reconnects after `reconnectInMs`, to another node; nothing is lost.',
    payload: z.object({
      reconnectInMs: z.int().describe('Milliseconds; each client gets another number.'),
    }),
    example: { reconnectInMs: 640 },
  }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName> = z.infer<(typeof events)[Name]['payload']>;

/** Events as Socket.IO types them on either end. */
export type ServerToClientEvents = {
  [Name in Exclude<EventName, 'sync:page'>]: (payload: EventPayload<Name>) => void;
} & {
  /** Acknowledged by the client; the next page waits for it. */
  'sync:page': (payload: EventPayload<'sync:page'>, ack: () => void) => void;
};
