import assert from 'node:assert/strict';
import { transactionsOf } from '@parley/backend-common';
import { BlockReader } from '@parley/backend-common/domain';
import type { TestMongo } from '@parley/backend-common/testing';

import { BlockRepository } from '../../src/blocks/repository.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the queries on blocks', () => {
  const [ann, bo] = [newId(), newId()];
  let mongo: TestMongo;
  let blocks: BlockRepository;
  let reader: BlockReader;

  before(async () => {
    mongo = await testDatabase();
    blocks = new BlockRepository(mongo.db);
    reader = new BlockReader(mongo.db);
    const within = transactionsOf(mongo.client);
    const pairs = Array.from({ length: 200 }, () => [newId(), newId()] as const);
    for (const [userId, blockedId] of [...pairs, [ann, bo] as const]) {
      await within((transaction) => blocks.add({ userId, blockedId, blockedAt: 1 }, transaction));
    }
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const inTransaction = <Result>(
    work: (transaction: Parameters<BlockRepository['count']>[1]) => Promise<Result>,
  ) => transactionsOf(mongo.client)(work);

  const writer = (): Calls<BlockRepository> => ({
    list: () => blocks.list(ann),
    has: () => inTransaction((transaction) => blocks.has(ann, bo, transaction)),
    count: () => inTransaction((transaction) => blocks.count(ann, transaction)),
    add: () =>
      inTransaction((transaction) =>
        blocks.add({ userId: ann, blockedId: bo, blockedAt: 2 }, transaction),
      ),
    remove: () => blocks.remove(ann, bo),
  });
  const readers = (): Calls<BlockReader> => ({
    relationsOf: () => reader.relationsOf([ann, bo]),
    among: () => reader.among(ann, [bo, newId()]),
    changedSince: () => reader.changedSince(Date.now() + 60_000),
  });

  it('read no documents of other users', async () => {
    for (const [name, run] of Object.entries({ ...readers(), ...writer() })) {
      const seen = await profiled(mongo, /\.blocks$/, run);
      assert.notEqual(seen.length, 0, name);
      for (const { docsExamined = 0, keysExamined = 0, planSummary = 'IDHACK' } of seen) {
        assert.match(planSummary, /^(IDHACK|EXPRESS|IXSCAN|COUNT_SCAN)/, name);
        assert.ok(docsExamined <= 2 && keysExamined <= 6, `${name}: ${docsExamined}`);
      }
    }
  });

  it('return the blocks of many users at once, in both directions', async () => {
    const [star, fan] = [newId(), newId()];
    await inTransaction((transaction) =>
      blocks.add({ userId: fan, blockedId: star, blockedAt: 1 }, transaction),
    );
    const relations = await reader.relationsOf([star, fan, newId()]);
    assert.equal(relations.size, 3);
    assert.deepEqual([...relations.get(star)!.blockedBy], [fan]);
    assert.deepEqual([...relations.get(fan)!.blocking], [star]);
    assert.ok([...relations.values()].every(({ isComplete }) => isComplete));
    await blocks.remove(fan, star);
    assert.equal((await reader.relationsOf([star])).get(star)?.blockedBy.size, 0);
    const changes = await reader.changedSince(Date.now() - 60_000);
    assert.ok(changes.some(({ blockedId, userId }) => userId === fan && blockedId === star));
  });
});
