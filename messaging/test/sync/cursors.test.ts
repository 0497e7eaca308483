import assert from 'node:assert/strict';
import { migrate } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';

import { messagingMigrations } from '../../src/migrations/index.ts';
import { CursorRepository } from '../../src/sync/cursor-repository.ts';

describe('the cursors of a session', () => {
  let mongo: TestMongo;
  let cursors: CursorRepository;
  before(async () => {
    mongo = await testMongo();
    await migrate(mongo.db, messagingMigrations, silentLogger());
    cursors = new CursorRepository(mongo.db, () => 0);
  });
  after(() => mongo.drop());

  const marks = (...seqs: number[]) => new Map(seqs.map((seq, index) => [`c${index}`, seq]));
  const begin = async (sessionId: string, seqs: ReadonlyMap<string, number>) =>
    cursors.begin(sessionId, seqs, await cursors.of(sessionId));

  it('are created once, at the marks', async () => {
    assert.equal((await cursors.of('s1')).isBegun, false);
    assert.deepEqual((await begin('s1', marks(5, 7))).byConversation, marks(5, 7));
    const stored = await cursors.of('s1');
    assert.equal(stored.isBegun, true);
    assert.deepEqual(stored.byConversation, marks(5, 7));
  });

  it('are created for a user without conversations', async () => {
    await begin('s2', new Map());
    assert.deepEqual(await cursors.of('s2'), { isBegun: true, byConversation: new Map() });
  });

  it('are the same for all connections that create them at the same moment', async () => {
    const before = await cursors.of('s3');
    const begun = await Promise.all(
      Array.from({ length: 10 }, (_, index) => cursors.begin('s3', marks(index, index), before)),
    );
    const stored = await cursors.of('s3');
    assert.equal(stored.isBegun, true);
    assert.equal(stored.byConversation.size, 2);
    for (const { byConversation } of begun) assert.deepEqual(byConversation, stored.byConversation);
  });

  it('are created again if their creation was interrupted before the marker', async () => {
    await begin('s4', marks(5, 7));
    await mongo.db.collection<{ _id: string }>('cursors').deleteOne({ _id: 's4:' });
    assert.deepEqual((await begin('s4', marks(6))).byConversation, marks(6));
    assert.deepEqual((await cursors.of('s4')).byConversation, marks(6));
  });

  it('rise, and never go back', async () => {
    await begin('s5', marks(5));
    await cursors.advance('s5', 'c0', 9);
    await cursors.raise('s5', 'c0', 8);
    assert.deepEqual((await cursors.of('s5')).byConversation, marks(9));
  });

  it('are not raised for a session that has none', async () => {
    await cursors.raise('s6', 'c0', 8);
    assert.equal((await cursors.of('s6')).byConversation.size, 0);
  });
});
