import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import { LIMITS, MINUTE, SECOND } from '@parley/common';
import type { Status } from '@parley/common/contract';

import { collected, heard, refusal } from '../support/connections.ts';
import { metric, request } from '../support/http.ts';
import { link, partnerOf } from '../support/partners.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

describe('statuses', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let here: RunningService;
  let there: RunningService;
  let time = Date.now();
  const now = () => time;

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    here = await stack.node(env, { now });
    there = await stack.node(env, { now });
  });
  after(() => stack.close());

  const partners = async (): Promise<[Person, Person]> => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    await link(here, ann, bo);
    return [ann, bo];
  };
  const set = async (person: Person, body: object): Promise<Status> => {
    const answer = await request(`${here.url}/status`, { method: 'PATCH', as: person, body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body as Status;
  };

  it('are AVAILABLE until set, and then the one that was set last', async () => {
    const ann = await stack.people.create();
    const { body } = await request(`${here.url}/status`, { as: ann });
    assert.deepEqual(body, { status: 'AVAILABLE', statusExpiration: null, timestamp: 0 });
    const statusExpiration = time + MINUTE;
    const busy = await set(ann, { status: 'BUSY', statusExpiration });
    assert.deepEqual(busy, { status: 'BUSY', statusExpiration, timestamp: time });
    const gone = await set(ann, { status: 'OFFLINE' });
    assert.deepEqual(gone, { status: 'OFFLINE', statusExpiration: null, timestamp: time + 1 });
    assert.deepEqual((await request(`${there.url}/status`, { as: ann })).body, gone);
  });

  it('are sent unchanged to every device of the partner and of the user', async () => {
    const [ann, bo] = await partners();
    const phone = await stack.connections.open(there.url, bo);
    const tablet = await stack.connections.open(here.url, bo);
    const own = await stack.connections.open(there.url, ann);
    const received = [heard(phone, 'partner'), heard(tablet, 'partner')];
    const toOwn = heard(own, 'status');
    const statusExpiration = time + MINUTE;
    const status = await set(ann, { status: 'BUSY', statusExpiration });
    const event = { type: 'PARTNER_STATUS_CHANGED', partnerId: ann.userId, ...status };
    assert.deepEqual(await Promise.all(received), [event, event]);
    assert.deepEqual(await toOwn, status);
    const partner = await partnerOf(there, bo);
    assert.equal(partner?.statusExpiration, statusExpiration);
    assert.equal(partner.timestamp, status.timestamp);
  });

  it('have rising timestamps across links, changes and unlinks, even when changed concurrently', async () => {
    const [ann, bo] = await partners();
    const theirs = await stack.connections.open(there.url, bo);
    const events = collected(theirs, 'partner');
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        set(ann, { status: index % 2 === 0 ? 'BUSY' : 'OFFLINE' }),
      ),
    );
    const ended = heard(theirs, 'partner', ({ type }) => type === 'PARTNER_UNLINKED');
    await request(`${there.url}/partner`, { method: 'DELETE', as: ann });
    const end = await ended;
    const timestamps = all.map(({ timestamp }) => timestamp);
    assert.equal(new Set(timestamps).size, 20);
    assert.ok(end.timestamp > Math.max(...timestamps));
    const changes = events.filter(({ type }) => type === 'PARTNER_STATUS_CHANGED');
    assert.deepEqual(new Set(changes.map(({ timestamp }) => timestamp)), new Set(timestamps));
    const linked = heard(theirs, 'partner', ({ type }) => type === 'PARTNER_LINKED');
    await link(here, bo, ann);
    assert.ok((await linked).timestamp > end.timestamp);
    await set(bo, { status: 'BUSY' });
  });

  it('cannot expire too early or too late, and AVAILABLE cannot expire', async () => {
    const socket = await stack.connections.open(here.url, await stack.people.create());
    const refused = async (status: string, statusExpiration: unknown) =>
      refusal(socket, 'status:set', { status, statusExpiration });
    for (const expiration of [
      time,
      time + LIMITS.statusEndsMin - 1,
      time + LIMITS.statusEndsMax + 1,
      0,
      -1,
      1.5,
      String(time + MINUTE),
    ]) {
      assert.equal(await refused('BUSY', expiration), 'invalid_input', String(expiration));
    }
    assert.equal(await refused('AVAILABLE', time + MINUTE), 'invalid_input');
    assert.equal(await refused('BUSY', time + LIMITS.statusEndsMin), undefined);
    assert.equal(await refused('OFFLINE', time + LIMITS.statusEndsMax), undefined);
    assert.equal(await refused('AVAILABLE', null), undefined);
  });

  it('expire once across two nodes, and both partners are notified', async () => {
    const couples = [];
    for (let index = 0; index < 5; index += 1) couples.push(await partners());
    const counted = async () =>
      (await metric(here.metricsUrl, 'parley_statuses_expired_total')) +
      (await metric(there.metricsUrl, 'parley_statuses_expired_total'));
    const before = await counted();
    const statusExpiration = time + MINUTE;
    const events = [];
    for (const [ann, bo] of couples) {
      await set(ann, { status: 'BUSY', statusExpiration });
      const theirs = await stack.connections.open(there.url, bo);
      const own = await stack.connections.open(here.url, ann);
      events.push(heard(theirs, 'partner'), heard(own, 'status'));
    }
    // Statuses of earlier tests expire now too.
    const due = await stack.mongo.db
      .collection('statuses')
      .countDocuments({ endsAt: { $lte: new Date(statusExpiration) } });
    time = statusExpiration + SECOND;
    for (const event of await Promise.all(events)) {
      assert.ok('status' in event);
      assert.equal(event.status, 'AVAILABLE');
      assert.equal(event.statusExpiration, null);
      assert.ok(event.timestamp >= statusExpiration);
    }
    for (const [, bo] of couples) {
      assert.equal((await partnerOf(here, bo))?.status, 'AVAILABLE');
    }
    await until(async () => (await counted()) - before >= due);
    assert.equal((await counted()) - before, due);
  });
});
