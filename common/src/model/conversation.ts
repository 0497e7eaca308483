import { z } from 'zod';

import { memberRole, message } from './entry.ts';
import { id, seq, time } from './primitives.ts';
import { publicProfile } from './user.ts';

export const conversationKind = z.enum(['direct', 'group']);
export type ConversationKind = z.infer<typeof conversationKind>;

/** What one member sets for itself. `unread` is a flag that `receipt:read` clears. */
export const settings = z.object({
  mutedUntil: time.nullable(),
  archived: z.boolean(),
  pinned: z.boolean(),
  unread: z.boolean(),
});
export type Settings = z.infer<typeof settings>;

/** How far one member has everything (`deliveredSeq`) and has read everything (`readSeq`). */
export const receipt = z.object({
  conversationId: id,
  userId: id,
  deliveredSeq: seq,
  readSeq: seq,
});
export type Receipt = z.infer<typeof receipt>;

export const member = z.object({
  userId: id,
  /** `null` in a direct conversation, which has no roles. */
  role: memberRole.nullable(),
  joinedAt: time,
  joinedSeq: seq,
  profile: publicProfile,
});
export type Member = z.infer<typeof member>;

/** A conversation as one member sees it in a list. */
export const conversationItem = z.object({
  id,
  kind: conversationKind,
  title: z.string().nullable(),
  avatarId: z.string().nullable(),
  createdAt: time,
  createdBy: id,
  memberCount: z.int(),
  lastSeq: seq,
  lastAt: time,
  role: memberRole.nullable(),
  joinedSeq: seq,
  deliveredSeq: seq,
  readSeq: seq,
  /** Messages of others after `readSeq` that are not deleted, counted to 100. */
  unreadCount: z.int(),
  settings,
  /** The other person of a direct conversation. */
  peer: publicProfile.optional(),
  lastMessage: message.nullable(),
  /** In conversations of at most 50 members. */
  receipts: z.array(receipt).optional(),
});
export type ConversationItem = z.infer<typeof conversationItem>;

/** A conversation with its first 100 members. */
export const conversation = conversationItem.extend({ members: z.array(member) });
export type Conversation = z.infer<typeof conversation>;

/** Where a conversation stands, for comparison with what a client has. */
export const head = z.object({
  conversationId: id,
  lastSeq: seq,
  joinedSeq: seq,
  deliveredSeq: seq,
  readSeq: seq,
  settings,
  /** `seq` of the newest members, title or avatar entry. */
  version: seq,
});
export type Head = z.infer<typeof head>;
