import type { Client } from '../client.ts';
import type { Block, BlockList, BlocksPart } from './api.ts';
import { Asked } from './asked.ts';

/** Makes the list of whom a client's person has blocked. It asks for nothing until somebody subscribes. */
export function createBlocks(client: Client): BlocksPart {
  let list: BlockList = { status: 'loading', blocks: [] };
  const set = (next: BlockList) => {
    list = next;
    asked.signal.invalidate();
  };
  const asked = new Asked<BlockList>({
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
        void asked.ask();
      }),
    failed: () => {
      if (list.status === 'loading') set({ ...list, status: 'failed' });
    },
  });
  /** Shows a change at once; what the server then says is the truth. */
  const change = async (blocks: readonly Block[], task: Promise<unknown>) => {
    set({ ...list, blocks });
    try {
      await task;
    } finally {
      await asked.ask();
    }
  };
  const without = (userId: string) => list.blocks.filter((block) => block.userId !== userId);
  return {
    list: asked.signal,
    reload: () => asked.ask(),
    block: (userId) =>
      change(
        [{ userId, blockedAt: client.now() }, ...without(userId)],
        client.request('block:add', { userId }),
      ),
    unblock: (userId) => change(without(userId), client.request('block:remove', { userId })),
  };
}
