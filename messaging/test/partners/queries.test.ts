import assert from 'node:assert/strict';
import { transactionsOf, type Transaction } from '@parley/backend-common';
import type { TestMongo } from '@parley/backend-common/testing';

import { GuessRepository } from '../../src/partners/guess-repository.ts';
import { LinkCodeRepository } from '../../src/partners/link-code-repository.ts';
import { PartnershipRepository } from '../../src/partners/repository.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

const CROWD = 200;
const FAR = Date.UTC(2100, 0);

describe('queries on links', function () {
  this.timeout(30_000);
  const [ann, bo] = [newId(), newId()];
  let mongo: TestMongo;
  let codes: LinkCodeRepository;
  let guesses: GuessRepository;
  let partnerships: PartnershipRepository;

  before(async () => {
    mongo = await testDatabase();
    codes = new LinkCodeRepository(mongo.db);
    guesses = new GuessRepository(mongo.db);
    partnerships = new PartnershipRepository(mongo.db);
    for (let index = 0; index < CROWD; index += 1) {
      const [userId, other] = [newId(), newId()];
      await codes.replace(userId, newId(), FAR);
      await guesses.take(userId, { most: 5, within: 1_000 }, { at: 1, id: newId() });
      await within((transaction) =>
        partnerships.create({ _id: newId(), userIds: [userId, other], linkedAt: 1 }, transaction),
      );
    }
    await codes.replace(ann, 'of-ann', FAR);
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const within = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    transactionsOf(mongo.client)(work);

  const calls = (): Calls<GuessRepository> &
    Calls<LinkCodeRepository> &
    Omit<Calls<PartnershipRepository>, 'remove'> => ({
    take: () => guesses.take(ann, { most: 5, within: 1_000 }, { at: 1, id: 'x' }),
    giveBack: () => guesses.giveBack(ann, { at: 1, id: 'x' }),
    replace: () => codes.replace(ann, 'of-ann', FAR),
    ownerOf: () => within((transaction) => codes.ownerOf('of-ann', 1, transaction)),
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
  it('each use their index and look at little else', async () => {
    const ours = /\.(partnerships|link_codes|link_guesses)$/;
    for (const [name, run] of Object.entries(calls())) {
      const seen = (await profiled(mongo, ours, run)).filter(({ op }) => op !== 'insert');
      if (name !== 'create') assert.notEqual(seen.length, 0, name);
      for (const { docsExamined = 0, op, planSummary = 'IDHACK' } of seen) {
        assert.match(planSummary, /^(IDHACK|EXPRESS|IXSCAN)/, `${name} ${op}`);
        assert.ok(docsExamined <= 2, `${name} ${op} looked at ${docsExamined}`);
      }
    }
  });
});
