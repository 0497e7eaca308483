import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { memberRole, message } from './entry.ts';
import { linePattern } from './patterns.ts';
import { id, name, seq, time } from './primitives.ts';
import { publicProfile } from './user.ts';

export const conversationKind = z.enum(['direct', 'group']).meta({
  id: 'ConversationKind',
  description: '`direct`: between two users, for ever. `group`: its members change.',
});
export type ConversationKind = z.infer<typeof conversationKind>;

export const title = name(LIMITS.titleMax).meta({
  id: 'Title',
  description:
    'The title of a group: one line, not blank. The server normalises it to NFC and trims it.',
  minLength: 1,
  maxLength: LIMITS.titleMax,
  pattern: linePattern(),
});

/** What one member sets for itself. `unread` is a flag that `receipt:read` clears. */
export const settings = z
  .object({
    mutedUntil: time.nullable().describe('`null`: not muted.'),
    archived: z.boolean(),
    pinned: z.boolean(),
    unread: z
      .boolean()
      .describe('A flag of the member. `receipt:read` clears it; it does not lower `readSeq`.'),
  })
  .meta({
    id: 'Settings',
    description: 'What one member sets for itself; other members do not see it.',
  });
export type Settings = z.infer<typeof settings>;

const positions = {
  joinedSeq: seq.describe(
    'The entry with which the member joined; the member never sees an earlier one.',
  ),
  deliveredSeq: seq.describe('Every entry up to this one has reached a device of the member.'),
  readSeq: seq.describe('The member has read every entry up to this one.'),
};

/** The receipt marks of one member: the highest `seq` delivered (`deliveredSeq`) and read (`readSeq`). */
export const receipt = z
  .object({
    conversationId: id,
    userId: id,
    deliveredSeq: positions.deliveredSeq,
    readSeq: seq.describe(
      'The member has read every entry up to this one; 0 if the member hides its read receipts.',
    ),
  })
  .meta({
    id: 'Receipt',
    description: 'The receipt marks of one member. Neither mark ever goes back.',
  });
export type Receipt = z.infer<typeof receipt>;

export const member = z
  .object({
    userId: id,
    role: memberRole.nullable().describe('`null` in a direct conversation, which has no roles.'),
    joinedAt: time,
    joinedSeq: positions.joinedSeq,
    profile: publicProfile,
  })
  .meta({ id: 'Member', description: 'A user who belongs to a conversation.' });
export type Member = z.infer<typeof member>;

/** A conversation as one member sees it in its list. */
export const conversationItem = z
  .object({
    id,
    kind: conversationKind,
    title: z.string().nullable().describe('`null` in a direct conversation.'),
    avatarId: z.string().nullable().describe('Always `null`.'),
    createdAt: time,
    createdBy: id,
    memberCount: z.int(),
    lastSeq: seq.describe('`seq` of the newest entry.'),
    lastAt: time.describe('Time of the last activity, by which the list is sorted.'),
    role: memberRole
      .nullable()
      .describe("The caller's role; `null` in a direct conversation, which has no roles."),
    ...positions,
    unreadCount: z
      .int()
      .describe(
        `Messages of others after \`readSeq\` that are not deleted, counted up to ${LIMITS.unreadCountMax}.`,
      ),
    settings,
    peer: publicProfile
      .optional()
      .describe('The other user of a direct conversation; absent in a group.'),
    lastMessage: message
      .nullable()
      .describe('`null` if there is no message since the join of the caller.'),
    receipts: z
      .array(receipt)
      .optional()
      .describe(
        `The receipt marks of all members; absent above ${LIMITS.receiptsInConversation} members.`,
      ),
  })
  .meta({
    id: 'ConversationItem',
    description: 'A conversation as one member sees it in its list.',
  });
export type ConversationItem = z.infer<typeof conversationItem>;

/** A conversation with its first 100 members. */
export const conversation = conversationItem
  .extend({
    members: z
      .array(member)
      .describe(
        `The first ${LIMITS.membersInConversation} by user id; \`member:list\` answers all of them.`,
      ),
  })
  .meta({ id: 'Conversation', description: 'A conversation as one member sees it, with members.' });
export type Conversation = z.infer<typeof conversation>;

/** The newest positions of a conversation, which a client compares with its own. */
export const head = z
  .object({
    conversationId: id,
    lastSeq: seq.describe('`seq` of the newest entry.'),
    ...positions,
    settings,
    version: seq.describe('`seq` of the newest entry that changed the members or the title.'),
  })
  .meta({
    id: 'Head',
    description:
      'The newest positions of a conversation, which a client compares with its own. A conversation that the client does not know, or another `version`: call `conversation:get`. A higher `lastSeq`: call `conversation:entries`. A known conversation without a head, in an answer with all heads: the caller is no longer a member.',
  });
export type Head = z.infer<typeof head>;
