import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { conversation, conversationItem, member, settings, title } from '../model/conversation.ts';
import { memberRole } from '../model/entry.ts';
import { cursorPage, id, optionalClientId, time, userIds } from '../model/primitives.ts';
import {
  AT,
  ben,
  BEN,
  CLEO,
  CURSOR,
  group,
  GROUP,
  groupItem,
  members,
  MUTED_UNTIL,
  settings as exampleSettings,
} from './examples.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});
const MOST_CONVERSATIONS = LIMITS.conversationsPerUser.toLocaleString('en');

/** Operations on conversations and their members. */
export const conversationOperations = {
  'conversation:create': operation({
    name: 'conversation:create',
    tag: 'Conversations',
    summary: 'Open the direct conversation with a user, or create a group',
    description: `\`direct\`: a pair of users has one conversation, whichever of them calls and however often at once. The other user gets it with its entry 1; clients show it once it has a message. \`group\`: a new group that the caller owns, or the group that the caller created with the same \`clientId\`. \`recipient_unavailable\` if an account is deleted; \`limit_reached\` if the caller, or a user who knows the caller, belongs to ${MOST_CONVERSATIONS} conversations, or if a user has too many invitations from users whom it does not know.`,
    http: { method: 'POST', path: '/conversations' },
    limit: 'create',
    errors: ['recipient_unavailable', 'not_found', 'client_id_reused', 'limit_reached'],
    input: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('direct'), userId: id.describe('The other user.') }),
      z.strictObject({
        kind: z.literal('group'),
        title,
        userIds: userIds
          .or(z.array(id).length(0))
          .describe('The first members besides the caller, each once.'),
        clientId: optionalClientId,
      }),
    ]),
    output: conversation,
    example: {
      input: { kind: 'group', title: 'Lunch', userIds: [BEN], clientId: 'new-group-1' },
      output: group,
    },
  }),
  'conversation:list': operation({
    name: 'conversation:list',
    tag: 'Conversations',
    summary: 'List the conversations of the caller',
    description:
      'Pinned conversations first, then by latest activity. A conversation that moves between two pages neither shifts nor repeats the others.',
    http: { method: 'GET', path: '/conversations' },
    limit: 'list',
    errors: [],
    input: z.strictObject(cursorPage),
    output: z.object({
      conversations: z.array(conversationItem),
      nextCursor: z.string().nullable(),
    }),
    example: {
      input: { limit: 20 },
      output: { conversations: [groupItem], nextCursor: CURSOR },
    },
  }),
  'conversation:get': operation({
    name: 'conversation:get',
    tag: 'Conversations',
    summary: 'Get a conversation with its members and receipts',
    description: `With its first ${LIMITS.membersInConversation} members and, up to ${LIMITS.receiptsInConversation} members, the receipts of all.`,
    http: { method: 'GET', path: '/conversations/:conversationId' },
    limit: 'read',
    errors: ['not_found'],
    input: z.strictObject({ conversationId: id }),
    output: conversation,
    example: { input: { conversationId: GROUP }, output: group },
  }),
  'conversation:update': operation({
    name: 'conversation:update',
    tag: 'Conversations',
    summary: 'Change the title of a group',
    description:
      'For owners and admins of a group. Setting the title that the group already has writes no entry.',
    http: { method: 'PATCH', path: '/conversations/:conversationId' },
    limit: 'write',
    errors: ['forbidden', 'not_found', 'client_id_reused'],
    input: z.strictObject({
      conversationId: id,
      title: title.optional().describe('Absent: nothing changes.'),
      clientId: optionalClientId,
    }),
    output: conversation,
    example: {
      input: { conversationId: GROUP, title: 'Lunch', clientId: 'title-1' },
      output: group,
    },
  }),
  'conversation:settings': operation({
    name: 'conversation:settings',
    tag: 'Conversations',
    summary: 'Mute, archive, pin or mark as unread, for the caller alone',
    description:
      "A field that is absent keeps its value. The caller's own devices get the event `conversation`; other members do not.",
    http: { method: 'PUT', path: '/conversations/:conversationId/settings' },
    limit: 'write',
    errors: ['not_found'],
    input: z.strictObject({
      conversationId: id,
      mutedUntil: time.nullable().optional(),
      archived: z.boolean().optional(),
      pinned: z.boolean().optional(),
      unread: z.boolean().optional(),
    }),
    output: settings,
    example: {
      input: { conversationId: GROUP, mutedUntil: MUTED_UNTIL, pinned: true },
      output: { ...exampleSettings, mutedUntil: MUTED_UNTIL, pinned: true },
    },
  }),
  'member:list': operation({
    name: 'member:list',
    tag: 'Members',
    summary: 'List the members of a conversation',
    description: 'Sorted by user id.',
    http: { method: 'GET', path: '/conversations/:conversationId/members' },
    limit: 'read',
    errors: ['not_found'],
    input: z.strictObject({ conversationId: id, ...cursorPage }),
    output: z.object({ members: z.array(member), nextCursor: z.string().nullable() }),
    example: {
      input: { conversationId: GROUP, limit: 100 },
      output: { members, nextCursor: null },
    },
  }),
  'member:add': operation({
    name: 'member:add',
    tag: 'Members',
    summary: 'Add users to a group',
    description: `For owners and admins of a group. Answers the named users as members. A user who is a member already keeps its role; if all are members, nothing is written. The change applies at once on every node, without a new connection. \`limit_reached\` above ${LIMITS.groupMembers.toLocaleString('en')} members, if a user who knows the caller belongs to ${MOST_CONVERSATIONS} conversations, or if a user has too many invitations from users whom it does not know; \`forbidden\` if a user has left the group and does not know the caller.`,
    http: { method: 'POST', path: '/conversations/:conversationId/members' },
    limit: 'create',
    errors: [
      'forbidden',
      'recipient_unavailable',
      'not_found',
      'client_id_reused',
      'limit_reached',
    ],
    input: z.strictObject({ conversationId: id, userIds, clientId: optionalClientId }),
    output: z.object({ members: z.array(member) }),
    example: {
      input: { conversationId: GROUP, userIds: [BEN], clientId: 'add-1' },
      output: { members: members.slice(1) },
    },
  }),
  'member:remove': operation({
    name: 'member:remove',
    tag: 'Members',
    summary: 'Remove a member from a group, or leave it',
    description:
      'Owners and admins remove members, only owners remove an owner, and every member may remove itself, which is leaving. Removing a user who is not a member changes nothing. When the last owner leaves, the longest-standing admin, or else member, becomes owner in the same step. A group without members is deleted.',
    http: { method: 'DELETE', path: '/conversations/:conversationId/members/:userId' },
    limit: 'write',
    errors: ['forbidden', 'not_found', 'client_id_reused'],
    input: z.strictObject({
      conversationId: id,
      userId: id.describe('The member to remove; the caller itself: to leave.'),
      clientId: optionalClientId,
    }),
    output: none,
    example: {
      input: { conversationId: GROUP, userId: CLEO, clientId: 'remove-1' },
      output: {},
    },
  }),
  'member:role': operation({
    name: 'member:role',
    tag: 'Members',
    summary: 'Change the role of a member',
    description:
      'For owners of a group. A group may have several owners; demoting the last one is a `conflict`. Setting the role that the member already has writes no entry.',
    http: { method: 'PATCH', path: '/conversations/:conversationId/members/:userId' },
    limit: 'write',
    errors: ['forbidden', 'not_found', 'conflict', 'client_id_reused'],
    input: z.strictObject({
      conversationId: id,
      userId: id.describe('The member.'),
      role: memberRole,
      clientId: optionalClientId,
    }),
    output: member,
    example: {
      input: { conversationId: GROUP, userId: BEN, role: 'admin', clientId: 'role-1' },
      output: { userId: BEN, role: 'admin', joinedAt: AT, joinedSeq: 1, profile: ben },
    },
  }),
} as const;
