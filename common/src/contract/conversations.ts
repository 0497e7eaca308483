import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { conversation, conversationItem, member, settings } from '../model/conversation.ts';
import { memberRole } from '../model/entry.ts';
import { clientId, cursor, id, line, pageLimit, time, userIds } from '../model/primitives.ts';
import { operation } from './operation.ts';

const title = line(LIMITS.titleMax);
const none = z.strictObject({});

/** Operations on conversations and their members. */
export const conversationOperations = {
  'conversation:create': operation({
    name: 'conversation:create',
    summary: 'Open the direct conversation with somebody, or make a group',
    http: { method: 'POST', path: '/conversations' },
    limit: 'create',
    input: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('direct'), userId: id }),
      z.strictObject({
        kind: z.literal('group'),
        title,
        userIds: userIds.or(z.array(id).length(0)),
        clientId: clientId.optional(),
      }),
    ]),
    output: conversation,
  }),
  'conversation:list': operation({
    name: 'conversation:list',
    summary: 'Own conversations, pinned first, newest activity first',
    http: { method: 'GET', path: '/conversations' },
    limit: 'list',
    input: z.strictObject({ cursor: cursor.optional(), limit: pageLimit }),
    output: z.object({
      conversations: z.array(conversationItem),
      nextCursor: z.string().nullable(),
    }),
  }),
  'conversation:get': operation({
    name: 'conversation:get',
    summary: 'One conversation with its members and receipts',
    http: { method: 'GET', path: '/conversations/:conversationId' },
    limit: 'read',
    input: z.strictObject({ conversationId: id }),
    output: conversation,
  }),
  'conversation:update': operation({
    name: 'conversation:update',
    summary: 'Change the title of a group',
    http: { method: 'PATCH', path: '/conversations/:conversationId' },
    limit: 'write',
    input: z.strictObject({
      conversationId: id,
      title: title.optional(),
      clientId: clientId.optional(),
    }),
    output: conversation,
  }),
  'conversation:settings': operation({
    name: 'conversation:settings',
    summary: 'Mute, archive, pin or mark as unread, for oneself',
    http: { method: 'PUT', path: '/conversations/:conversationId/settings' },
    limit: 'write',
    input: z.strictObject({
      conversationId: id,
      mutedUntil: time.nullable().optional(),
      archived: z.boolean().optional(),
      pinned: z.boolean().optional(),
      unread: z.boolean().optional(),
    }),
    output: settings,
  }),
  'member:list': operation({
    name: 'member:list',
    summary: 'Members of a conversation',
    http: { method: 'GET', path: '/conversations/:conversationId/members' },
    limit: 'read',
    input: z.strictObject({ conversationId: id, cursor: cursor.optional(), limit: pageLimit }),
    output: z.object({ members: z.array(member), nextCursor: z.string().nullable() }),
  }),
  'member:add': operation({
    name: 'member:add',
    summary: 'Add people to a group',
    http: { method: 'POST', path: '/conversations/:conversationId/members' },
    limit: 'create',
    input: z.strictObject({ conversationId: id, userIds, clientId: clientId.optional() }),
    output: z.object({ members: z.array(member) }),
  }),
  'member:remove': operation({
    name: 'member:remove',
    summary: 'Remove somebody from a group, or leave it',
    http: { method: 'DELETE', path: '/conversations/:conversationId/members/:userId' },
    limit: 'write',
    input: z.strictObject({ conversationId: id, userId: id, clientId: clientId.optional() }),
    output: none,
  }),
  'member:role': operation({
    name: 'member:role',
    summary: 'Change the role of a member',
    http: { method: 'PATCH', path: '/conversations/:conversationId/members/:userId' },
    limit: 'write',
    input: z.strictObject({
      conversationId: id,
      userId: id,
      role: memberRole,
      clientId: clientId.optional(),
    }),
    output: member,
  }),
} as const;
