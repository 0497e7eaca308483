import { z } from 'zod';

import { LIMITS } from '../limits.ts';
import { block } from '../model/block.ts';
import { id } from '../model/primitives.ts';
import { AT, CLEO } from './examples.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});
const blocked = z.strictObject({ userId: id });

/** Operations on blocks between users. */
export const blockOperations = {
  'block:list': operation({
    name: 'block:list',
    tag: 'Blocks',
    summary: 'List the users whom the caller blocks',
    description: 'All of them, the latest first.',
    http: { method: 'GET', path: '/blocks' },
    limit: 'read',
    errors: [],
    input: none,
    output: z.object({ blocks: z.array(block) }),
    example: { input: {}, output: { blocks: [{ userId: CLEO, blockedAt: AT }] } },
  }),
  'block:add': operation({
    name: 'block:add',
    tag: 'Blocks',
    summary: 'Block a user',
    description: `A block works both ways: no direct messages between the two, no link (an existing link ends), no invitations to groups, and neither sees presence, typing or receipts of the other or finds the other by search. In groups the messages of both still reach everybody. The blocked user is not notified. Blocking again changes nothing. At most ${LIMITS.blocksPerUser.toLocaleString('en')} users.`,
    http: { method: 'PUT', path: '/blocks/:userId' },
    limit: 'write',
    errors: ['not_found', 'limit_reached'],
    input: blocked,
    output: none,
    example: { input: { userId: CLEO }, output: {} },
  }),
  'block:remove': operation({
    name: 'block:remove',
    tag: 'Blocks',
    summary: 'End a block',
    description:
      'Changes nothing for a user who is not blocked. A link that the block ended stays ended.',
    http: { method: 'DELETE', path: '/blocks/:userId' },
    limit: 'write',
    errors: [],
    input: blocked,
    output: none,
    example: { input: { userId: CLEO }, output: {} },
  }),
} as const;
