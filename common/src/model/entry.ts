import { z } from 'zod';

import { attachment } from './attachment.ts';
import { id, seq, time } from './primitives.ts';

/** The fields of every entry; they never change. */
const entryBase = {
  id,
  conversationId: id,
  seq: seq.describe('The position in the log: from 1, without gaps.'),
  senderId: id.describe('The user who caused the entry.'),
  clientId: z
    .string()
    .describe("The sender's key of the request; one that the server made if the sender gave none."),
  at: time,
};

export const memberRole = z.enum(['owner', 'admin', 'member']).meta({
  id: 'MemberRole',
  description:
    '`owner` may do everything and alone changes roles; `admin` changes the title, adds and removes members and deletes messages; `member` writes and may leave.',
});
export type MemberRole = z.infer<typeof memberRole>;

export const messageEntry = z
  .object({
    ...entryBase,
    kind: z.literal('message'),
    text: z
      .string()
      .nullable()
      .describe(
        '`null` for a message that is an attachment alone, and once the message is deleted: the entry stays, its content is erased.',
      ),
    attachment: attachment
      .nullable()
      .describe('`null` if there is none, and once the message is deleted.'),
    replyTo: z
      .object({ messageId: id, seq })
      .nullable()
      .describe('The message that this one replies to.'),
    deleted: z.boolean().describe('Whether the message has been deleted since.'),
  })
  .meta({ id: 'MessageEntry', description: 'A member sent a message.' });
export type MessageEntry = z.infer<typeof messageEntry>;

export const deletionEntry = z
  .object({
    ...entryBase,
    kind: z.literal('deletion'),
    messageId: id,
    messageSeq: seq.describe('The position of the message in the log.'),
  })
  .meta({ id: 'DeletionEntry', description: 'A message was deleted for everybody.' });
export type DeletionEntry = z.infer<typeof deletionEntry>;

export const membersEntry = z
  .object({
    ...entryBase,
    kind: z.literal('members'),
    action: z
      .enum(['added', 'removed', 'left', 'role'])
      .describe('`left`: a member removed itself. `role`: a member has another role.'),
    userIds: z.array(id).describe('The users whom it concerns.'),
    role: memberRole
      .nullable()
      .describe(
        'For `added` and `role`: the role that the users have from now on; otherwise, and in a direct conversation, `null`. The creator of a group is its owner, whatever its entry 1 says.',
      ),
  })
  .meta({
    id: 'MembersEntry',
    description:
      'The members changed. Entry 1 of every conversation adds the members that it begins with.',
  });
export type MembersEntry = z.infer<typeof membersEntry>;

export const titleEntry = z
  .object({ ...entryBase, kind: z.literal('title'), title: z.string() })
  .meta({ id: 'TitleEntry', description: 'The title of a group changed.' });
export type TitleEntry = z.infer<typeof titleEntry>;

/** One change of a conversation. Clients ignore kinds that they do not know. */
export const entry = z
  .discriminatedUnion('kind', [messageEntry, deletionEntry, membersEntry, titleEntry])
  .meta({
    id: 'Entry',
    description: 'One change of a conversation. Clients ignore kinds that they do not know.',
  });
export type Entry = z.infer<typeof entry>;
export type EntryKind = Entry['kind'];

/** A message with all later changes applied. */
export const message = z
  .object({
    id,
    conversationId: id,
    seq,
    senderId: id,
    clientId: z.string(),
    at: time,
    text: z
      .string()
      .nullable()
      .describe('`null` for a message that is an attachment alone, and once it is deleted.'),
    attachment: attachment.nullable().describe('`null` if there is none, and once it is deleted.'),
    replyTo: z
      .object({ messageId: id, seq, senderId: id.nullable(), preview: z.string().nullable() })
      .nullable()
      .describe(
        'The message that this one replies to. `senderId` and `preview` are `null` if that message is older than the join of the caller; `preview` also if it is deleted.',
      ),
    editedAt: time.nullable().describe('Always `null`.'),
    deletedAt: time.nullable(),
    reactions: z
      .array(z.object({ emoji: z.string(), userIds: z.array(id) }))
      .describe('Always empty.'),
    revision: seq.describe('`seq` of the newest entry that changed the message.'),
  })
  .meta({ id: 'Message', description: 'A message with all later changes applied.' });
export type Message = z.infer<typeof message>;
