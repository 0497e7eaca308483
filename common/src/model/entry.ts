import { z } from 'zod';

import { attachment } from './attachment.ts';
import { id, seq, time } from './primitives.ts';

/** What stands in every entry of a log and never changes. */
const entryBase = { id, conversationId: id, seq, senderId: id, clientId: z.string(), at: time };

export const memberRole = z.enum(['owner', 'admin', 'member']);
export type MemberRole = z.infer<typeof memberRole>;

export const messageEntry = z.object({
  ...entryBase,
  kind: z.literal('message'),
  text: z.string().nullable(),
  attachment: attachment.nullable(),
  replyTo: z.object({ messageId: id, seq }).nullable(),
  deleted: z.boolean(),
});
export type MessageEntry = z.infer<typeof messageEntry>;

export const deletionEntry = z.object({
  ...entryBase,
  kind: z.literal('deletion'),
  messageId: id,
  messageSeq: seq,
});
export type DeletionEntry = z.infer<typeof deletionEntry>;

export const membersEntry = z.object({
  ...entryBase,
  kind: z.literal('members'),
  action: z.enum(['added', 'removed', 'left', 'role']),
  userIds: z.array(id),
  role: memberRole.nullable(),
});
export type MembersEntry = z.infer<typeof membersEntry>;

export const titleEntry = z.object({ ...entryBase, kind: z.literal('title'), title: z.string() });
export type TitleEntry = z.infer<typeof titleEntry>;

/** One thing that happened in a conversation. Clients ignore kinds they do not know. */
export const entry = z.discriminatedUnion('kind', [
  messageEntry,
  deletionEntry,
  membersEntry,
  titleEntry,
]);
export type Entry = z.infer<typeof entry>;
export type EntryKind = Entry['kind'];

/** A message with everything that later entries did to it. */
export const message = z.object({
  id,
  conversationId: id,
  seq,
  senderId: id,
  clientId: z.string(),
  at: time,
  text: z.string().nullable(),
  attachment: attachment.nullable(),
  replyTo: z
    .object({ messageId: id, seq, senderId: id.nullable(), preview: z.string().nullable() })
    .nullable(),
  editedAt: time.nullable(),
  deletedAt: time.nullable(),
  reactions: z.array(z.object({ emoji: z.string(), userIds: z.array(id) })),
  /** `seq` of the newest entry that changed it. */
  revision: seq,
});
export type Message = z.infer<typeof message>;
