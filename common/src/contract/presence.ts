import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { presence } from '../model/presence.ts';
import { id } from '../model/primitives.ts';
import { SECOND } from '../time.ts';
import { AT, BEN, GROUP } from './examples.ts';
import { operation } from './operation.ts';

const watched = z.array(id).min(1).max(LIMITS.watchedPerCall);
const none = z.strictObject({});

/** Operations that need a socket and store nothing. */
export const presenceOperations = {
  typing: operation({
    name: 'typing',
    tag: 'Presence',
    summary: 'Tell the other members that the caller is typing, or has stopped',
    description: `Sent to the sockets of the other members, which forget it after ${LIMITS.typingExpires / SECOND} s; nothing is stored. The server passes on at most one signal of each kind (typing, stopped) per socket and conversation in ${LIMITS.typingEvery / SECOND} s, limits what a user causes in all conversations together, and drops the others silently.`,
    limit: 'read',
    errors: ['not_found'],
    input: z.strictObject({ conversationId: id, typing: z.boolean() }),
    output: none,
    example: { input: { conversationId: GROUP, typing: true }, output: {} },
  }),
  'presence:watch': operation({
    name: 'presence:watch',
    tag: 'Presence',
    summary: 'Get the presence of users, and events when it changes',
    description: `Answers the current presence; from then on the socket gets the event \`presence\` when it changes. A caller sees the other user of a direct conversation in which both have written, and its partner. All other users look offline, the members of shared groups too. At most ${LIMITS.watchedPerCall} users per call and ${LIMITS.watchedPerSocket.toLocaleString('en')} per socket; beyond that \`limit_reached\`.`,
    limit: 'read',
    errors: ['limit_reached'],
    input: z.strictObject({ userIds: watched }),
    output: z.object({ presences: z.array(presence) }),
    example: {
      input: { userIds: [BEN] },
      output: { presences: [{ userId: BEN, online: false, lastSeenAt: AT }] },
    },
  }),
  'presence:unwatch': operation({
    name: 'presence:unwatch',
    tag: 'Presence',
    summary: 'Stop events on the presence of users',
    description: 'Changes nothing for users whom the socket does not watch.',
    limit: 'read',
    errors: [],
    input: z.strictObject({ userIds: watched }),
    output: none,
    example: { input: { userIds: [BEN] }, output: {} },
  }),
} as const;
