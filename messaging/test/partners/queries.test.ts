import assert from 'node:assert/strict';
import { transactionsOf, type Transaction } from '@parley/backend-common';
import type { TestMongo } from '@parley/backend-common/testing';

import { LinkAttemptRepository } from '../../src/partners/link-attempt-repository.ts';
import { LinkCodeRepository } from '../../src/partners/link-code-repository.ts';
import { PartnershipRepository } from '../../src/partners/repository.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

const CROWD = 200;
const FAR = Date.UTC(2100, 0);

describe('the queries on links', function () {
  const [ann, bo] = [newId(), newId()];
  let mongo: TestMongo;
  let codes: LinkCodeRepository;
  let attempts: LinkAttemptRepository;
  let partnerships: PartnershipRepository;

  before(async () => {
    mongo = await testDatabase();
    codes = new LinkCodeRepository(mongo.db);
    attempts = new LinkAttemptRepository(mongo.db);
    partnerships = new PartnershipRepository(mongo.db);
    for (let index = 0; index < CROWD; index += 1) {
      const [userId, other] = [newId(), newId()];
      await codes.replace(userId, [newId()], FAR);
      await attempts.take(userId, { most: 5, within: 1_000 }, { at: 1, id: newId() });
      await within((transaction) =>
        partnerships.create({ _id: newId(), userIds: [userId, other], linkedAt: 1 }, transaction),
      );
    }
    await codes.replace(ann, ['of-ann'], FAR);
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const within = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    transactionsOf(mongo.client)(work);

  const calls = (): Calls<LinkAttemptRepository> &
    Calls<LinkCodeRepository> &
    Omit<Calls<PartnershipRepository>, 'remove'> => ({
    take: () => attempts.take(ann, { most: 5, within: 1_000 }, { at: 1, id: 'x' }),
    withdraw: () => attempts.withdraw(ann, { at: 1, id: 'x' }),
    replace: () => codes.replace(ann, ['of-ann'], FAR),
    ownerOf: () => within((transaction) => codes.ownerOf(['of-ann'], 1, transaction)),
    remove: () =>
      within(async (transaction) => {
        await codes.remove([ann, bo], transaction);
        await partnerships.remove(newId(), transaction);
      }),
    findOf: () => partnerships.findOf([ann, bo]),
    create: () =>
      within((transaction) =>
        partnerships.create({ _id: newId(), userIds: [ann, bo], linkedAt: 1 }, transaction),
      ),
  });
  it('use their indexes and read at most two documents', async () => {
    const ours = /\.(partnerships|link_codes|link_guesses)$/;
    for (const [name, run] of Object.entries(calls())) {
      const seen = (await profiled(mongo, ours, run)).filter(({ op }) => op !== 'insert');
      if (name !== 'create') assert.notEqual(seen.length, 0, name);
      for (const { docsExamined = 0, op, planSummary = 'IDHACK' } of seen) {
        assert.match(planSummary, /^(IDHACK|EXPRESS|IXSCAN)/, `${name} ${op}`);
        assert.ok(docsExamined <= 2, `${name} ${op} read ${docsExamined}`);
      }
    }
  });
});
