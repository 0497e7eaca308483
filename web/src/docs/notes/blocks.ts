import { LIMITS } from '@parley/common';
import type { Operations } from '@parley/common/contract';

import { AT, CLEO } from './examples.ts';
import type { Notes } from './notes.ts';

type BlockNotes = Pick<Notes<Operations>, `block:${'list' | 'add' | 'remove'}`>;

/** Notes on the operations on blocks. */
export const blockNotes: BlockNotes = {
  'block:list': {
    description: 'All of them, the latest first.',
    errors: [],
    input: {},
    output: { blocks: [{ userId: CLEO, blockedAt: AT }] },
  },
  'block:add': {
    description: `Both ways from then on: no messages between the two, no link (one that stands ends), no invitation, and neither sees presence, typing or receipts of the other or finds the other among people. In groups messages still flow. Whoever is blocked learns nothing of it. Blocking again changes nothing. At most ${LIMITS.blocksPerUser.toLocaleString('en')} people.`,
    errors: ['not_found', 'limit_reached'],
    input: { userId: CLEO },
    output: {},
  },
  'block:remove': {
    description:
      'Of whoever is not blocked nothing changes. A link that the block has ended stays ended.',
    errors: [],
    input: { userId: CLEO },
    output: {},
  },
};
