import type { Handlers } from '@parley/backend-common';
import type { Operations } from '@parley/common/contract';

import type { MessagingContext } from '../transport/server/context.ts';
import type { BlockService } from './service.ts';

export type BlockOperation = `block:${'list' | 'add' | 'remove'}`;

/** Handlers of the operations on blocks. */
export function blockHandlers({
  blocks,
}: {
  readonly blocks: BlockService;
}): Handlers<Pick<Operations, BlockOperation>, MessagingContext> {
  return {
    'block:list': async (_, { caller }) => ({ blocks: await blocks.list(caller.userId) }),
    'block:add': async ({ userId }, { caller }) => {
      await blocks.add(caller.userId, userId);
      return {};
    },
    'block:remove': async ({ userId }, { caller }) => {
      await blocks.remove(caller.userId, userId);
      return {};
    },
  };
}
