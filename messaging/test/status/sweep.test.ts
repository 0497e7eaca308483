import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import { MINUTE } from '@parley/common';

import { NewsTeller } from '../../src/partners/news-teller.ts';
import type { PartnerNewsItem } from '../../src/partners/ports.ts';
import { StatusRepository } from '../../src/status/repository.ts';
import { StatusSweep } from '../../src/status/sweep.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the sweep of statuses', function () {
  this.timeout(60_000);
  let mongo: TestMongo;
  let statuses: StatusRepository;
  let time = Date.now();

  beforeEach(async () => {
    mongo = await testDatabase();
    statuses = new StatusRepository(mongo.db, () => new Date(time));
  });
  afterEach(() => mongo.drop());

  /** A node with what it told people. */
  const node = () => {
    const told: PartnerNewsItem[] = [];
    const own: string[] = [];
    let expired = 0;
    const faults: unknown[] = [];
    const onFault = (fault: string, error: unknown) => void faults.push([fault, error]);
    const teller = new NewsTeller({
      statuses,
      events: {
        toUser(userId, name) {
          if (name === 'status') own.push(userId);
        },
      },
      news: { changed: (item) => Promise.resolve(void told.push(item)) },
      onTold: () => undefined,
      onFault,
    });
    const sweep = new StatusSweep({
      ...{ statuses, teller, newId, onFault },
      onExpired: (count) => void (expired += count),
    });
    return { sweep, teller, told, own, faults, expired: () => expired };
  };

  /** People whose status ends in a minute, each with a partner. */
  const busy = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => newId());
    await mongo.db.collection<{ _id: string }>('statuses').insertMany(
      ids.map((_id) => ({
        _id,
        status: 'BUSY',
        endsAt: new Date(time + MINUTE),
        timestamp: time,
        partnerId: `partner of ${_id}`,
      })),
    );
    return ids;
  };

  it('ends each status once on many nodes at once, and not before its time', async () => {
    const ids = await busy(700);
    const nodes = [node(), node(), node()];
    time += MINUTE - 1;
    await Promise.all(nodes.map(({ sweep }) => sweep.run()));
    assert.deepEqual(
      nodes.map(({ expired }) => expired()),
      [0, 0, 0],
    );
    time += 1;
    await Promise.all(nodes.map(({ sweep }) => sweep.run()));
    await Promise.all(nodes.map(({ sweep }) => sweep.run()));
    assert.deepEqual(
      nodes.flatMap(({ faults }) => faults),
      [],
    );
    assert.equal(
      nodes.reduce((sum, { expired }) => sum + expired(), 0),
      ids.length,
    );
    const told = nodes.flatMap((each) => each.told);
    assert.equal(told.length, ids.length);
    assert.equal(new Set(told.map(({ event }) => event.partnerId)).size, ids.length);
    assert.ok(
      told.every(({ event, recipientId }) => recipientId === `partner of ${event.partnerId}`),
    );
    assert.equal(nodes.flatMap(({ own }) => own).length, ids.length);
    const left = await mongo.db
      .collection('statuses')
      .countDocuments({ $or: [{ status: 'BUSY' }, { news: { $exists: true } }] });
    assert.equal(left, 0);
  });

  it('ends what was due while no node was there, with a timestamp after all before', async () => {
    const [ann = ''] = await busy(1);
    time += 30 * MINUTE;
    const late = node();
    await late.sweep.run();
    const [item] = late.told;
    assert.deepEqual(item?.event, {
      type: 'PARTNER_STATUS_CHANGED',
      partnerId: ann,
      status: 'AVAILABLE',
      statusExpiration: null,
      timestamp: time,
    });
  });

  it('leaves alone whatever was said anew in the meantime', async () => {
    const [ann = ''] = await busy(1);
    time += MINUTE;
    const due = await statuses.due(10);
    await statuses.set(ann, { status: 'OFFLINE', statusExpiration: null }, 'another');
    assert.deepEqual(await statuses.expire(due, 'late'), []);
    assert.equal((await statuses.find(ann))?.status, 'OFFLINE');
  });

  it('tells what a node that died has changed and not told, in its order', async () => {
    const [ann = ''] = await busy(1);
    // Changed, and then nothing more was heard of who did it.
    await statuses.set(ann, { status: 'OFFLINE', statusExpiration: null }, 'died');
    await statuses.set(ann, { status: 'BUSY', statusExpiration: null }, 'died too');
    const other = node();
    await other.sweep.run();
    assert.deepEqual(other.told, []);
    time += MINUTE;
    await Promise.all([other.sweep.run(), node().sweep.run()]);
    const told = other.told.map(({ event }) => event);
    await other.sweep.run();
    assert.ok(told.length === 0 || told.length === 2);
    assert.equal(
      await mongo.db.collection('statuses').countDocuments({ news: { $exists: true } }),
      0,
    );
    const timestamps = told.map(({ timestamp }) => timestamp);
    assert.deepEqual(timestamps, [...timestamps].sort());
  });

  it('tells again what could not be noted as told', async () => {
    const [ann = ''] = await busy(1);
    const { sweep, told } = node();
    await statuses.set(ann, { status: 'OFFLINE', statusExpiration: null }, 'one');
    // Whoever told it does not own it any more: it stays for whoever finds it.
    await statuses.told([ann], 'another');
    time += MINUTE;
    await sweep.run();
    assert.deepEqual(
      told.map(({ event }) => event.type),
      ['PARTNER_STATUS_CHANGED'],
    );
  });

  it('looks at nothing that is not due', async () => {
    await busy(300);
    const [ann = ''] = await busy(1);
    const transact = mongo.client.startSession();
    const event = { type: 'PARTNER_LINKED', partnerId: newId(), timestamp: time } as const;
    const link = { userId: ann, partnerId: newId(), linkedAt: time, timestamp: time };
    const calls: Calls<StatusRepository> = {
      find: () => statuses.find(ann),
      partnerOf: () => statuses.partnerOf(ann),
      set: () => statuses.set(ann, { status: 'BUSY', statusExpiration: null }, 'teller'),
      due: () => statuses.due(250),
      expire: () => statuses.expire([ann], 'teller'),
      told: () => statuses.told([ann], 'teller'),
      claimUntold: () => statuses.claimUntold('teller', 250),
      touch: () => transact.withTransaction(() => statuses.touch([ann], transact)),
      setPartner: () =>
        transact.withTransaction(() =>
          statuses.setPartner({ ...link, event, teller: 'teller' }, transact),
        ),
    };
    for (const [name, run] of Object.entries(calls)) {
      const seen = await profiled(mongo, /\.statuses$/, run);
      assert.notEqual(seen.length, 0, name);
      for (const { docsExamined = 0, planSummary = 'IDHACK' } of seen) {
        assert.match(planSummary, /^(IDHACK|EXPRESS|IXSCAN)/, name);
        assert.ok(docsExamined <= 1, `${name}: ${docsExamined}`);
      }
    }
    await mongo.db.command({ profile: 0 });
    await transact.endSession();
  });

  it('goes by the clock of the database where it has no other', async () => {
    const own = new StatusRepository(mongo.db);
    const [ann = ''] = await busy(1);
    await mongo.db
      .collection<{ _id: string }>('statuses')
      .updateOne({ _id: ann }, { $set: { endsAt: new Date(1), timestamp: 1 } });
    assert.deepEqual(await own.due(10), [ann]);
    const [ended] = await own.expire([ann], 'teller');
    assert.equal(ended?.status, 'AVAILABLE');
    assert.ok(Math.abs(ended.timestamp - Date.now()) < MINUTE);
    assert.deepEqual(await own.due(10), []);
  });
});
