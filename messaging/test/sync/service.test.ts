import assert from 'node:assert/strict';

import type { MemberDocument } from '../../src/conversations/member-document.ts';
import { SyncService } from '../../src/sync/service.ts';

const settings = { mutedUntil: null, archived: false, pinned: false, unread: false };
const membership = (conversationId: string) =>
  ({
    conversationId,
    userId: 'ann',
    deliveredSeq: 1,
    readSeq: 1,
    joinedSeq: 1,
    seq: 1,
    settings,
  }) as MemberDocument;

describe('the heads of a user', () => {
  it('omit a conversation that the user has left according to its delivery, whatever is stored', async () => {
    const former = new Map([
      ['left', new Set(['ann'])],
      ['left by somebody else', new Set(['ben'])],
    ]);
    const ids = ['left', 'left by somebody else', 'quiet'];
    const service = new SyncService({
      members: { pageOf: () => Promise.resolve(ids.map(membership)) },
      conversations: { projectedThrough: () => Promise.resolve([]) },
      log: { tails: () => Promise.resolve(new Map(ids.map((id) => [id, 2]))) },
      delivery: {
        admit: () => Promise.resolve(),
        joined: () => Promise.resolve(),
        deliveries: {
          get: (id: string) => ({ position: 2, former: former.get(id) ?? new Set() }),
        } as never,
      },
    });
    const { heads } = await service.heads({ limit: 10 }, { userId: 'ann', socketId: 'phone' });
    assert.deepEqual(
      heads.map(({ conversationId }) => conversationId),
      ['left by somebody else', 'quiet'],
    );
  });
});
