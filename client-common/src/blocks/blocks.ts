import type { Block, BlockList, BlocksClient, BlocksPart } from './types.ts';
import { LiveQuery } from '../core/live-query.ts';

/** Creates the list of blocks of a client's user. It is requested when somebody subscribes. */
export function createBlocks(client: BlocksClient): BlocksPart {
  let list: BlockList = { status: 'loading', blocks: [] };
  const set = (next: BlockList) => {
    list = next;
    query.signal.invalidate();
  };
  const query = new LiveQuery<BlockList>({
    client,
    compute: () => list,
    ask: async () => {
      const { blocks } = await client.request('block:list', {});
      return () => {
        set({ status: 'ready', blocks });
      };
    },
    listen: () =>
      client.onEvent('block', () => {
        void query.refresh();
      }),
    failed: () => {
      if (list.status === 'loading') set({ ...list, status: 'failed' });
    },
  });
  /** Shows a change at once. When the request has ended, the list of the server replaces it. */
  const change = async (blocks: readonly Block[], task: Promise<unknown>) => {
    set({ ...list, blocks });
    try {
      await task;
    } finally {
      await query.refresh();
    }
  };
  const without = (userId: string) => list.blocks.filter((block) => block.userId !== userId);
  return {
    list: query.signal,
    reload: () => query.refresh(),
    block: (userId) =>
      change(
        [{ userId, blockedAt: client.now() }, ...without(userId)],
        client.request('block:add', { userId }),
      ),
    unblock: (userId) => change(without(userId), client.request('block:remove', { userId })),
  };
}
