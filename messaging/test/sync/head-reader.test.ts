import assert from 'node:assert/strict';

import type { MemberDocument } from '../../src/conversations/member-document.ts';
import { HeadReader } from '../../src/sync/head-reader.ts';

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

interface Delivered {
  readonly former?: ReadonlySet<string>;
  readonly membershipSeq?: number;
}

function readerOf(delivered: (conversationId: string) => Delivered): HeadReader {
  const deliveries = {
    get: (id: string) => ({ position: 2, former: new Set(), membershipSeq: 1, ...delivered(id) }),
  } as never;
  return new HeadReader({
    conversations: { projectedThrough: () => Promise.resolve([]) },
    log: { tails: (ids) => Promise.resolve(new Map(ids.map((id) => [id, 2]))) },
    delivery: { deliveries },
  });
}

describe('the heads of a user', () => {
  it('omit a conversation that the user has left according to its delivery, whatever is stored', async () => {
    const former = new Map([
      ['left', new Set(['ann'])],
      ['left by somebody else', new Set(['ben'])],
    ]);
    const ids = ['left', 'left by somebody else', 'quiet'];
    const reader = readerOf((id) => ({ former: former.get(id) ?? new Set() }));
    const heads = await reader.read(ids.map(membership));
    assert.deepEqual(
      heads.map(({ conversationId }) => conversationId),
      ['left by somebody else', 'quiet'],
    );
  });

  it('have the version of a change of the members that was sent and is not projected yet', async () => {
    const reader = readerOf(() => ({ membershipSeq: 2 }));
    assert.deepEqual((await reader.read([membership('group')]))[0]?.version, 2);
  });
});
