import { LIMITS } from '@parley/common';
import type { Operations } from '@parley/common/contract';

import {
  AT,
  ben,
  BEN,
  CLEO,
  CURSOR,
  GROUP,
  group,
  groupItem,
  members,
  settings,
} from './examples.ts';
import type { Notes } from './notes.ts';

type ConversationNotes = Pick<
  Notes<Operations>,
  Extract<keyof Operations, `conversation:${'create' | 'list' | 'get' | 'update' | 'settings'}`>
>;
type MemberNotes = Pick<Notes<Operations>, Extract<keyof Operations, `member:${string}`>>;

const PAGE = {
  limit:
    'How many at most. A page may be shorter: only `nextCursor` null says that it is the last.',
};
const FIRST_PAGE = 'Absent: the first page.';
const CLIENT_ID = {
  clientId: 'The key of this request: a repeat under it answers what the first one did.',
};

/** Notes on the operations on conversations. */
export const conversationNotes: ConversationNotes = {
  'conversation:create': {
    description: `\`direct\` is always the same conversation for a pair, whoever asks and however often at once; the other side gets it with its entry 1, and clients show it there once it has a message. \`group\` makes a new one, of which the caller is owner, or answers the one that the caller made under the same \`clientId\`. \`recipient_unavailable\` for people whose account is gone; \`limit_reached\` where one of them belongs to ${LIMITS.conversationsPerUser.toLocaleString('en')} conversations.`,
    errors: ['recipient_unavailable', 'not_found', 'client_id_reused', 'limit_reached'],
    fields: {
      userId: 'The other person.',
      userIds: 'Whom the group begins with beside the caller; nobody twice.',
      ...CLIENT_ID,
    },
    input: { kind: 'group', title: 'Lunch', userIds: [BEN], clientId: 'new-group-1' },
    output: group,
  },
  'conversation:list': {
    description: 'What moves between two pages neither shifts nor repeats what follows.',
    errors: [],
    fields: { cursor: FIRST_PAGE, ...PAGE },
    input: { limit: 20 },
    output: { conversations: [groupItem], nextCursor: CURSOR },
  },
  'conversation:get': {
    description: '',
    errors: ['not_found'],
    input: { conversationId: GROUP },
    output: group,
  },
  'conversation:update': {
    description: 'For owners and admins of a group. The title it has already leaves no entry.',
    errors: ['forbidden', 'not_found', 'client_id_reused'],
    fields: { title: 'Absent: nothing changes.', ...CLIENT_ID },
    input: { conversationId: GROUP, title: 'Lunch', clientId: 'title-1' },
    output: group,
  },
  'conversation:settings': {
    description:
      'What is absent stays as it is. The own devices are told by the event `conversation`; nobody else learns of it.',
    errors: ['not_found'],
    input: { conversationId: GROUP, mutedUntil: AT, pinned: true },
    output: { ...settings, mutedUntil: AT, pinned: true },
  },
};

/** Notes on the operations on members. */
export const memberNotes: MemberNotes = {
  'member:list': {
    description: 'By user id.',
    errors: ['not_found'],
    fields: { cursor: FIRST_PAGE, ...PAGE },
    input: { conversationId: GROUP, limit: 100 },
    output: { members, nextCursor: null },
  },
  'member:add': {
    description: `For owners and admins of a group. It answers those named, as they are members now; who was one already stays as it is, and where all were, nothing is written. It holds at once on every node, without a new connection. \`limit_reached\` above ${LIMITS.groupMembers.toLocaleString('en')} members, or where a person belongs to ${LIMITS.conversationsPerUser.toLocaleString('en')} conversations.`,
    errors: [
      'forbidden',
      'recipient_unavailable',
      'not_found',
      'client_id_reused',
      'limit_reached',
    ],
    fields: CLIENT_ID,
    input: { conversationId: GROUP, userIds: [BEN], clientId: 'add-1' },
    output: { members: members.slice(1) },
  },
  'member:remove': {
    description:
      'Owners and admins remove members, only owners remove an owner, and everybody may leave a group by removing itself. Who is no member stays none. When the last owner leaves, the longest-standing admin, else member, becomes owner in the same step; a group without members is erased.',
    errors: ['forbidden', 'not_found', 'client_id_reused'],
    fields: { userId: 'The person who goes; oneself: to leave.', ...CLIENT_ID },
    input: { conversationId: GROUP, userId: CLEO, clientId: 'remove-1' },
    output: {},
  },
  'member:role': {
    description:
      'For owners of a group. A group may have several; `conflict` for the last one. The role that somebody has already leaves no entry.',
    errors: ['forbidden', 'not_found', 'conflict', 'client_id_reused'],
    fields: { userId: 'The person.', ...CLIENT_ID },
    input: { conversationId: GROUP, userId: BEN, role: 'admin', clientId: 'role-1' },
    output: { userId: BEN, role: 'admin', joinedAt: AT, joinedSeq: 1, profile: ben },
  },
};
