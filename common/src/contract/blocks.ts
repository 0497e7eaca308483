import { z } from 'zod';

import { block } from '../model/block.ts';
import { id } from '../model/primitives.ts';
import { operation } from './operation.ts';

const none = z.strictObject({});
const somebody = z.strictObject({ userId: id });

/** Operations on the people with whom somebody wants nothing to do. */
export const blockOperations = {
  'block:list': operation({
    name: 'block:list',
    summary: 'The people one blocks, the latest first',
    http: { method: 'GET', path: '/blocks' },
    limit: 'read',
    input: none,
    output: z.object({ blocks: z.array(block) }),
  }),
  'block:add': operation({
    name: 'block:add',
    summary: 'Have nothing to do with somebody any more',
    http: { method: 'PUT', path: '/blocks/:userId' },
    limit: 'write',
    input: somebody,
    output: none,
  }),
  'block:remove': operation({
    name: 'block:remove',
    summary: 'End a block',
    http: { method: 'DELETE', path: '/blocks/:userId' },
    limit: 'write',
    input: somebody,
    output: none,
  }),
} as const;
