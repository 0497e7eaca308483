import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { presence } from '../model/presence.ts';
import { id } from '../model/primitives.ts';
import { operation } from './operation.ts';

const watched = z.array(id).min(1).max(LIMITS.watchedPerCall);
const none = z.strictObject({});

/** Operations that need a socket: nothing of them is stored. */
export const presenceOperations = {
  typing: operation({
    name: 'typing',
    summary: 'Tell the others that one is writing, or has stopped',
    input: z.strictObject({ conversationId: id, typing: z.boolean() }),
    output: none,
    limit: 'read',
  }),
  'presence:watch': operation({
    name: 'presence:watch',
    summary: 'Follow the presence of people one knows',
    input: z.strictObject({ userIds: watched }),
    output: z.object({ presences: z.array(presence) }),
    limit: 'read',
  }),
  'presence:unwatch': operation({
    name: 'presence:unwatch',
    summary: 'Stop following the presence of people',
    input: z.strictObject({ userIds: watched }),
    output: none,
    limit: 'read',
  }),
} as const;
