import { z } from 'zod';

import { ERRORS, type ErrorCode } from '../errors.ts';
import { conversation, receipt, settings } from '../model/conversation.ts';
import { entry } from '../model/entry.ts';
import { partnerEvent, status } from '../model/partner.ts';
import { presence } from '../model/presence.ts';
import { id, time } from '../model/primitives.ts';
import { publicProfile } from '../model/user.ts';

const errorCode = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** What the server tells sockets without being asked, by event name. */
export const events = {
  ready: z.object({
    contract: z.object({ version: z.literal(1), revision: z.int() }),
    sessionId: id,
    userId: id,
    serverTime: time,
    /** Whether pages of missed entries follow (`sync:page`). */
    replaying: z.boolean(),
    /** Whether files can be sent. Absent below revision 7. */
    attachments: z.boolean().optional(),
  }),
  entry,
  'sync:page': z.object({ conversationId: id, entries: z.array(entry), hasMore: z.boolean() }),
  'sync:done': z.object({}),
  resync: z.object({ conversationIds: z.array(id).optional(), withinMs: z.int() }),
  receipt,
  typing: z.object({
    conversationId: id,
    userId: id,
    typing: z.boolean(),
    expiresInMs: z.int(),
  }),
  presence,
  profile: publicProfile,
  conversation: z.discriminatedUnion('action', [
    z.object({ action: z.literal('added'), conversation }),
    z.object({ action: z.literal('removed'), conversationId: id }),
    z.object({ action: z.literal('updated'), conversationId: id, settings }),
  ]),
  attachment: z.object({ attachmentId: id, conversationId: id, thumbnail: z.literal(true) }),
  partner: partnerEvent,
  status,
  /** A block of the own person begins or ends; since revision 7. */
  block: z.object({ userId: id, blocked: z.boolean() }),
  'session:closed': z.object({ code: errorCode, reconnect: z.boolean() }),
  'server:draining': z.object({ reconnectInMs: z.int() }),
} as const;

export type EventName = keyof typeof events;
export type EventPayload<Name extends EventName> = z.infer<(typeof events)[Name]>;

/** Events as Socket.IO types them on either end. */
export type ServerToClientEvents = {
  [Name in Exclude<EventName, 'sync:page'>]: (payload: EventPayload<Name>) => void;
} & {
  /** Acknowledged by the client; the next page waits for it. */
  'sync:page': (payload: EventPayload<'sync:page'>, ack: () => void) => void;
};

/** What a client says in the handshake. */
export const handshakeAuth = z.object({
  token: z.string().max(2_048),
  /** `heads`: the client compares heads and pulls by itself; otherwise the server replays. */
  sync: z.literal('heads').optional(),
  contract: z.int().optional(),
});
export type HandshakeAuth = z.infer<typeof handshakeAuth>;
