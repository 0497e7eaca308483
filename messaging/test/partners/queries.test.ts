import assert from 'node:assert/strict';
import { transactionsOf, type Transaction } from '@parley/backend-common';
import type { TestMongo } from '@parley/backend-common/testing';

import { GuessRepository } from '../../src/partners/guess-repository.ts';
import { LinkCodeRepository } from '../../src/partners/link-code-repository.ts';
import { PartnershipRepository } from '../../src/partners/repository.ts';
import { StatusRepository } from '../../src/status/repository.ts';
import { newId, testDatabase } from '../support/test-log.ts';

interface Profiled {
  readonly ns: string;
  readonly op: string;
  readonly planSummary?: string;
  readonly docsExamined?: number;
}

type Calls<Repository> = Record<keyof Repository, () => Promise<unknown>>;

const CROWD = 200;
const FAR = Date.UTC(2100, 0);

describe('queries on links and statuses', function () {
  this.timeout(30_000);
  const [ann, bo] = [newId(), newId()];
  let mongo: TestMongo;
  let codes: LinkCodeRepository;
  let guesses: GuessRepository;
  let partnerships: PartnershipRepository;
  let statuses: StatusRepository;

  before(async () => {
    mongo = await testDatabase();
    codes = new LinkCodeRepository(mongo.db);
    guesses = new GuessRepository(mongo.db);
    partnerships = new PartnershipRepository(mongo.db);
    statuses = new StatusRepository(mongo.db, () => new Date(FAR + 10_000));
    for (let index = 0; index < CROWD; index += 1) {
      const [userId, other] = [newId(), newId()];
      await codes.replace(userId, newId(), FAR);
      await guesses.take(userId, { most: 5, within: 1_000 }, { at: 1, id: newId() });
      await statuses.set(userId, { status: 'BUSY', statusExpiration: FAR + index * 1_000 }, 'one');
      await within((transaction) =>
        partnerships.create({ _id: newId(), userIds: [userId, other], linkedAt: 1 }, transaction),
      );
    }
    await codes.replace(ann, 'of-ann', FAR);
    await statuses.set(ann, { status: 'BUSY', statusExpiration: 1 }, 'one');
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const within = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    transactionsOf(mongo.client)(work);
  const event = { type: 'PARTNER_UNLINKED', partnerId: bo, timestamp: 1 } as const;
  const change = { userId: bo, partnerId: null, linkedAt: null, timestamp: 1, event, teller: 't' };

  const ofLinks = (): Calls<GuessRepository> &
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
  const ofStatuses = (): Calls<StatusRepository> => ({
    find: () => statuses.find(ann),
    set: () => statuses.set(ann, { status: 'BUSY', statusExpiration: 1 }, 'one'),
    due: () => statuses.due(5),
    expire: () => statuses.expire([ann], 'one'),
    setPartner: () => within((transaction) => statuses.setPartner(change, transaction)),
    touch: () => within((transaction) => statuses.touch([ann, bo], transaction)),
    partnerOf: () => statuses.partnerOf(ann),
    told: () => statuses.told([ann], 'one'),
    claimUntold: () => statuses.claimUntold('two', 5),
  });

  it('each use their index and look at little else', async () => {
    const ns = /\.(statuses|partnerships|link_codes|link_guesses)$/;
    for (const [name, run] of Object.entries({ ...ofLinks(), ...ofStatuses() })) {
      await mongo.db.command({ profile: 0 });
      await mongo.db.collection('system.profile').drop();
      await mongo.db.command({ profile: 2 });
      await run();
      const seen = await mongo.db
        .collection<Profiled>('system.profile')
        .find({ ns: { $regex: ns }, op: { $ne: 'insert' } })
        .toArray();
      if (name !== 'create') assert.notEqual(seen.length, 0, name);
      for (const { docsExamined = 0, op, planSummary = 'IDHACK' } of seen) {
        assert.match(planSummary, /^(IDHACK|EXPRESS|IXSCAN)/, `${name} ${op}`);
        assert.ok(docsExamined <= 16, `${name} ${op} looked at ${docsExamined}`);
      }
    }
  });
});
