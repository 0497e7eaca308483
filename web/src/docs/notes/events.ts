import { LIMITS } from '@parley/common';
import {
  CONTRACT,
  type EventName,
  type EventPayload,
  type HandshakeAuth,
} from '@parley/common/contract';

import {
  ANN,
  AT,
  ATTACHMENT,
  BEN,
  ben,
  group,
  GROUP,
  messageEntry,
  receipt,
  SESSION,
  status,
} from './examples.ts';

/** What a reader is told of an event. */
export interface EventNotes<Payload> {
  readonly summary: string;
  readonly description: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly payload: Payload;
}

/** Notes on each event; a missing one does not compile. */
export const eventNotes: { readonly [Name in EventName]: EventNotes<EventPayload<Name>> } = {
  ready: {
    summary: 'The connection stands',
    description: 'Right after the handshake, before anything else.',
    fields: {
      serverTime:
        'A client keeps the difference to its own clock, and trusts the own clock no further.',
      replaying: 'Whether pages of missed entries follow (`sync:page`).',
      attachments: 'Whether files can be sent. Absent below revision 7.',
    },
    payload: {
      contract: CONTRACT,
      sessionId: SESSION,
      userId: ANN,
      serverTime: AT,
      replaying: true,
      attachments: true,
    },
  },
  entry: {
    summary: 'Something happened in a conversation',
    description:
      'To every socket of every member, in `seq` order without holes. The socket that sent or deleted a message has the entry as its acknowledgement and does not get it again.',
    payload: messageEntry,
  },
  'sync:page': {
    summary: 'Entries that this session has missed',
    description: `For clients that do not say \`sync: 'heads'\`: ascending, conversation by conversation, one page under way at a time. The client acknowledges each page; the next waits for it for ${LIMITS.replayPageAck / 1_000} s, then the replay ends until the next connection. Acknowledging a page counts as \`receipt:delivered\`. After a crash a page may come again.`,
    payload: { conversationId: GROUP, entries: [messageEntry], hasMore: false },
  },
  'sync:done': {
    summary: 'Nothing is missing any more',
    description: 'After the last `sync:page`, also where there was none.',
    payload: {},
  },
  resync: {
    summary: 'Compare heads again',
    description:
      "The server could not tell everything one by one. For clients that say `sync: 'heads'`: they ask `sync` again after a random time within `withinMs`.",
    fields: {
      conversationIds: 'The conversations concerned; absent: all.',
      withinMs: 'Milliseconds.',
    },
    payload: { conversationIds: [GROUP], withinMs: 2_000 },
  },
  receipt: {
    summary: 'Somebody has received or read more',
    description: `To all members of a conversation with at most ${LIMITS.receiptsInConversation}, the person's own devices included; in larger ones to those devices alone. At most every ${LIMITS.receiptEvents} ms a conversation, of each member the newest. Live only: \`conversation:get\` has the present ones.`,
    payload: receipt,
  },
  typing: {
    summary: 'Somebody is writing, or has stopped',
    description: 'To the other members.',
    fields: { expiresInMs: 'Milliseconds after which the receiver forgets it.' },
    payload: {
      conversationId: GROUP,
      userId: BEN,
      typing: true,
      expiresInMs: LIMITS.typingExpires,
    },
  },
  presence: {
    summary: 'Somebody came or went',
    description: `To sockets that watch the person (\`presence:watch\`). Who goes is told ${LIMITS.presenceGrace / 1_000} s later, if nobody has come back meanwhile.`,
    payload: { userId: BEN, online: true, lastSeenAt: AT },
  },
  profile: {
    summary: 'Somebody has another name or picture',
    description:
      'To everybody who shares a conversation with the person, within 2 s. Live only: conversations and members carry the present profiles.',
    payload: ben,
  },
  conversation: {
    summary: 'A conversation came, went, or has other settings',
    description:
      '`added` comes before the first entry that the person sees, `removed` after the last one; `updated` goes to the own devices, the asking one included. Title and members of others arrive as entries.',
    payload: { action: 'added', conversation: group },
  },
  attachment: {
    summary: 'There is a small picture of a file now',
    description:
      'To the members, when it is made after the message was sent; from then on the message itself says `thumbnail: true`. Live only.',
    fields: { attachmentId: 'The attachment of a message in this conversation.' },
    payload: { attachmentId: ATTACHMENT, conversationId: GROUP, thumbnail: true },
  },
  partner: {
    summary: 'Something is new of the partner',
    description:
      'To every device of the person whose partner it is, or was. Where a node dies it may come twice, and from two nodes in the other order: of one `partnerId`, and of links and their ends at all, what is not later than what is known is dropped. Nothing of it is repeated after a new connection; `partner:get` says how things stand.',
    fields: {
      partnerId: 'The other person.',
      timestamp: 'Strictly increases per person, over changes of status, links and their ends.',
    },
    payload: { type: 'PARTNER_STATUS_CHANGED', partnerId: BEN, ...status },
  },
  status: {
    summary: 'The own status is another',
    description:
      'To every device of the person itself, whether it was changed on one of them or its time was over.',
    payload: status,
  },
  block: {
    summary: 'The person blocks somebody, or does so no more',
    description:
      'To every device of the person who blocks, the asking one included; the other is told nothing. Live only: `block:list` says how things stand. Since revision 7.',
    fields: { userId: 'The other person.', blocked: 'Whether there is a block now.' },
    payload: { userId: BEN, blocked: true },
  },
  'session:closed': {
    summary: 'The session has ended',
    description:
      'After a log-out, a revocation or the end of its time. The server closes the connection next.',
    fields: {
      reconnect:
        'False: the token is worth nothing any more, so a client must not come back with it.',
    },
    payload: { code: 'session_expired', reconnect: false },
  },
  'server:draining': {
    summary: 'This node is about to stop',
    description:
      'The connection is closed soon after. The client comes back after `reconnectInMs`, to another node; nothing is lost.',
    fields: { reconnectInMs: 'Milliseconds, another number for each client.' },
    payload: { reconnectInMs: 640 },
  },
};

/** The handshake: what a client sends along with its CONNECT packet. */
export const handshakeNotes: EventNotes<HandshakeAuth> = {
  summary: 'Open a socket',
  description:
    'The `auth` of the Socket.IO handshake. A refusal is `connect_error` with the code as `message` and the whole error as `data`: `unauthenticated`, `session_expired`, `limit_reached`, `invalid_input` or `unavailable`. After a refusal a Socket.IO client does not try again by itself; `retryable` says whether it should.',
  fields: {
    token: 'A session token, or a ticket of the web service. It never stands in a URL.',
    sync: '`heads`: the client compares heads (`sync`) and pulls by itself. Absent: the server replays what this session has not acknowledged.',
    contract: 'The revision of the contract that the client was written for.',
  },
  payload: {
    token: 'q1Yb0m7nC3Zk9sVd5xQpLr2TtWg8uEoHjNfAaBcDeFg',
    sync: 'heads',
    contract: CONTRACT.revision,
  },
};
