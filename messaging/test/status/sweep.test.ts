import assert from 'node:assert/strict';
import { Metrics, PeriodicMetrics } from '@parley/backend-common';
import type { TestMongo } from '@parley/backend-common/testing';
import { MINUTE } from '@parley/common';

import { PartnerEventSender } from '../../src/status/partner-event-sender.ts';
import type { AddressedEvent } from '../../src/status/ports.ts';
import { StatusRepository } from '../../src/status/repository.ts';
import { StatusSweep } from '../../src/status/sweep.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the status sweep', function () {
  this.timeout(60_000);
  let mongo: TestMongo;
  let statuses: StatusRepository;
  let time = Date.now();

  beforeEach(async () => {
    mongo = await testDatabase();
    statuses = new StatusRepository(mongo.db, { time: () => new Date(time) });
  });
  afterEach(() => mongo.drop());

  /** A node that records the events it sends. */
  const node = () => {
    const sent: AddressedEvent[] = [];
    const own: string[] = [];
    let expired = 0;
    const faults: unknown[] = [];
    const reportFault = (fault: string, error: unknown) => void faults.push([fault, error]);
    const sender = new PartnerEventSender({
      statuses,
      events: {
        toUser(userId, name) {
          if (name === 'status') own.push(userId);
        },
      },
      onEvent: (addressed) => Promise.resolve(void sent.push(addressed)),
      onSent: () => undefined,
      reportFault,
    });
    const sweep = new StatusSweep({
      ...{ statuses, sender, newId, reportFault },
      periodicMetrics: new PeriodicMetrics(new Metrics('test')),
      onExpired: (count) => void (expired += count),
    });
    return { sweep, sent, own, faults, expired: () => expired };
  };

  /** Users whose status expires in a minute, each with a partner. */
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

  it('resets each status once when many nodes sweep at once, and not before it expires', async () => {
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
    const sent = nodes.flatMap((each) => each.sent);
    assert.equal(sent.length, ids.length);
    assert.equal(new Set(sent.map(({ event }) => event.partnerId)).size, ids.length);
    assert.ok(
      sent.every(({ event, recipientId }) => recipientId === `partner of ${event.partnerId}`),
    );
    assert.equal(nodes.flatMap(({ own }) => own).length, ids.length);
    const left = await mongo.db
      .collection('statuses')
      .countDocuments({ $or: [{ status: 'BUSY' }, { news: { $exists: true } }] });
    assert.equal(left, 0);
  });

  it('resets a status that expired while no node was running, with a later timestamp', async () => {
    const [ann = ''] = await busy(1);
    time += 30 * MINUTE;
    const late = node();
    await late.sweep.run();
    const [addressed] = late.sent;
    assert.deepEqual(addressed?.event, {
      type: 'PARTNER_STATUS_CHANGED',
      partnerId: ann,
      status: 'AVAILABLE',
      statusExpiration: null,
      timestamp: time,
    });
  });

  it('does not reset a status that was set again after it expired', async () => {
    const [ann = ''] = await busy(1);
    time += MINUTE;
    const due = await statuses.due(10);
    await statuses.set(ann, { status: 'OFFLINE', statusExpiration: null }, 'another');
    assert.deepEqual(await statuses.expire(due, 'late'), []);
    assert.equal((await statuses.find(ann))?.status, 'OFFLINE');
  });

  it('sends the events of a node that crashed before it sent them, in order', async () => {
    const [ann = ''] = await busy(1);
    // The nodes that made these changes crashed before they sent the events.
    await statuses.set(ann, { status: 'OFFLINE', statusExpiration: null }, 'died');
    await statuses.set(ann, { status: 'BUSY', statusExpiration: null }, 'died too');
    const other = node();
    await other.sweep.run();
    assert.deepEqual(other.sent, []);
    time += MINUTE;
    await Promise.all([other.sweep.run(), node().sweep.run()]);
    const events = other.sent.map(({ event }) => event);
    await other.sweep.run();
    assert.ok(events.length === 0 || events.length === 2);
    assert.equal(
      await mongo.db.collection('statuses').countDocuments({ news: { $exists: true } }),
      0,
    );
    const timestamps = events.map(({ timestamp }) => timestamp);
    assert.deepEqual(timestamps, [...timestamps].sort());
  });

  it('sends an event again that was not marked as sent', async () => {
    const [ann = ''] = await busy(1);
    const { sent, sweep } = node();
    await statuses.set(ann, { status: 'OFFLINE', statusExpiration: null }, 'one');
    // The holder of another lease cannot mark the event as sent, so it stays.
    await statuses.markSent([{ userId: ann, token: 'another' }]);
    time += MINUTE;
    await sweep.run();
    assert.deepEqual(
      sent.map(({ event }) => event.type),
      ['PARTNER_STATUS_CHANGED'],
    );
  });

  it('reads no document that is not due', async () => {
    await busy(300);
    const [ann = ''] = await busy(1);
    const transact = mongo.client.startSession();
    const event = { type: 'PARTNER_LINKED', partnerId: newId(), timestamp: time } as const;
    const link = { userId: ann, partnerId: newId(), linkedAt: time, timestamp: time };
    const calls: Calls<StatusRepository> = {
      find: () => statuses.find(ann),
      partnerOf: () => statuses.partnerOf(ann),
      set: () => statuses.set(ann, { status: 'BUSY', statusExpiration: null }, 'token'),
      due: () => statuses.due(250),
      expire: () => statuses.expire([ann], 'token'),
      markSent: () => statuses.markSent([{ userId: ann, token: 'token' }]),
      claimUnsent: () => statuses.claimUnsent(250),
      lock: () => transact.withTransaction(() => statuses.lock([ann], transact)),
      setPartner: () =>
        transact.withTransaction(() =>
          statuses.setPartner({ ...link, event, token: 'token' }, transact),
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

  it('uses the clock of the database unless it is given another', async () => {
    const own = new StatusRepository(mongo.db);
    const [ann = ''] = await busy(1);
    await mongo.db
      .collection<{ _id: string }>('statuses')
      .updateOne({ _id: ann }, { $set: { endsAt: new Date(1), timestamp: 1 } });
    assert.deepEqual(await own.due(10), [ann]);
    const [ended] = await own.expire([ann], 'token');
    assert.equal(ended?.status, 'AVAILABLE');
    assert.ok(Math.abs(ended.timestamp - Date.now()) < MINUTE);
    assert.deepEqual(await own.due(10), []);
  });
});
