import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { LIMITS, MINUTE, SECOND, WATCHES, type AppError } from '@parley/common';
import type { Presence } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { PresenceService } from '../../src/presence/service.ts';
import { WatchLimit } from '../../src/presence/watch-limit.ts';
import { call, closed, collected, heard, refusal } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { newId } from '../support/test-log.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** A grace period short enough for a test. */
const GRACE = 200;

const of = (userId: string) => (presence: Presence) => presence.userId === userId;

async function watch(socket: Socket, ...people: readonly Pick<Person, 'userId'>[]) {
  const userIds = people.map(({ userId }) => userId);
  const { presences } = (await call(socket, 'presence:watch', { userIds })) as {
    presences: Presence[];
  };
  return presences;
}

describe('presence on one node', () => {
  let stack: TestStack;
  let node: RunningService;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({ PARLEY_RATE_LIMITS: 'off' }, { presenceGrace: GRACE });
  });
  after(() => stack.close());

  const people = async (count: number) =>
    (await Promise.all(Array.from({ length: count }, () => stack.people.create()))) as [
      Person,
      Person,
      ...Person[],
    ];
  const open = (person: Person) => stack.connections.open(node.url, person);
  const friends = async (): Promise<[Person, Person]> => {
    const [ann, bo] = await people(2);
    await stack.acquaint(node.url, ann, bo);
    return [ann, bo];
  };

  it('is sent to watchers when a user connects and disconnects, with the time last seen', async () => {
    const [ann, bo] = await friends();
    const watching = await open(ann);
    assert.deepEqual(await watch(watching, bo), [
      { userId: bo.userId, online: false, lastSeenAt: null },
    ]);

    const comes = heard(watching, 'presence');
    const theirs = await open(bo);
    const here = await comes;
    assert.equal(here.userId, bo.userId);
    assert.equal(here.online, true);

    const goes = heard(watching, 'presence');
    const leftAt = Date.now();
    theirs.disconnect();
    const { lastSeenAt, ...gone } = await goes;
    assert.deepEqual(gone, { userId: bo.userId, online: false });
    assert.ok(Math.abs((lastSeenAt ?? 0) - leftAt) < MINUTE);
    assert.deepEqual(await watch(watching, bo), [{ ...gone, lastSeenAt }]);
  });

  it('is online while any device is connected', async () => {
    const [ann, bo] = await friends();
    const [phone, laptop] = [await open(bo), await open(bo)];
    const watching = await open(ann);
    await until(async () => (await watch(watching, bo))[0]?.online === true);
    const events = collected(watching, 'presence');
    phone.disconnect();
    const goes = heard(watching, 'presence', ({ online }) => online === false);
    laptop.disconnect();
    await goes;
    assert.equal(events.filter(({ online }) => online === false).length, 1);
  });

  it('does not change if a user reconnects within the grace period', async () => {
    const { url } = await stack.node({}, { presenceGrace: 6 * GRACE });
    const [ann, bo] = await friends();
    const theirs = await stack.connections.open(url, bo);
    const watching = await stack.connections.open(url, ann);
    await until(async () => (await watch(watching, bo))[0]?.online === true);
    const events = collected(watching, 'presence');
    theirs.disconnect();
    const back = await stack.connections.open(url, bo);
    // An event for the first disconnect would have arrived before this one.
    const goes = heard(watching, 'presence', ({ online }) => online === false);
    back.disconnect();
    await goes;
    assert.equal(events.filter(({ online }) => online === false).length, 1);
  });

  it('is offline for users who are not contacts, and no events are sent to them', async () => {
    const [ann, bo] = await people(2);
    const conversationId = await stack.direct(node.url, ann, bo);
    const watching = await open(ann);
    const events = collected(watching, 'presence');
    const theirs = await open(bo);
    await call(watching, 'message:send', { conversationId, clientId: 'one', text: 'Hello?' });
    const away = { userId: bo.userId, online: false, lastSeenAt: null };
    assert.deepEqual(await watch(watching, bo), [away]);
    // The relation is symmetric: Bo does not see Ann either, who alone has written.
    assert.deepEqual(await watch(theirs, ann), [{ ...away, userId: ann.userId }]);
    const nobody = { userId: newId() };
    assert.deepEqual(await watch(watching, nobody), [{ ...away, userId: nobody.userId }]);

    assert.deepEqual(events, []);

    await call(theirs, 'message:send', { conversationId, clientId: 'two', text: 'Hello!' });
    await until(async () => (await watch(watching, bo))[0]?.online === true);
  });

  it('is not shown to those who add a user to a group, however they ask', async () => {
    const [ann, bo, cleo] = (await people(3)) as [Person, Person, Person];
    const away = { userId: bo.userId, online: false, lastSeenAt: null };
    const conversationId = await stack.group(node.url, [ann, bo, cleo]);
    const prying = await open(ann);
    const events = collected(prying, 'presence');
    assert.deepEqual(await watch(prying, bo), [away]);
    const theirs = await open(bo);
    await call(theirs, 'message:send', { conversationId, clientId: 'one', text: 'Who is this?' });
    await call(prying, 'message:send', { conversationId, clientId: 'two', text: 'Guess' });
    assert.deepEqual(await watch(prying, bo), [away]);
    const staying = await open(cleo);
    assert.deepEqual(await watch(staying, bo), [away]);

    await call(prying, 'member:remove', { conversationId, userId: bo.userId });
    await call(prying, 'member:add', { conversationId, userIds: [bo.userId] });
    await call(prying, 'member:role', { conversationId, userId: bo.userId, role: 'admin' });
    assert.deepEqual(await watch(prying, bo), [away]);
    const members = await call(prying, 'member:list', { conversationId });
    const shown = await call(prying, 'conversation:get', { conversationId });
    for (const answer of [members, shown]) {
      assert.doesNotMatch(JSON.stringify(answer), /"(online|lastSeenAt|presence)"/);
    }

    // An event about Bo would arrive before the one about Cleo.
    await stack.acquaint(node.url, ann, cleo);
    await until(async () => (await watch(prying, cleo))[0]?.online === true);
    const goes = heard(prying, 'presence', ({ online }) => online === false);
    theirs.disconnect();
    staying.disconnect();
    assert.equal((await goes).userId, cleo.userId);
    assert.deepEqual(events.filter(of(bo.userId)), []);
  });

  it('is shown to the partner, and hidden when the link ends', async () => {
    const [ann, bo, cleo] = (await people(3)) as [Person, Person, Person];
    const boss = await open(ann);
    const leaving = await open(bo);
    const { linkCode } = (await call(boss, 'link:create')) as { linkCode: string };
    await call(leaving, 'link:confirm', { linkCode });
    await stack.acquaint(node.url, ann, cleo);
    await until(async () => (await watch(leaving, ann))[0]?.online === true);
    const events = collected(leaving, 'presence');
    await call(boss, 'partner:unlink');
    const staying = await open(cleo);
    await watch(staying, ann);
    // The event that she is online may still arrive.
    const goes = (presence: Presence) =>
      presence.userId === ann.userId && presence.online === false;
    const seen = heard(staying, 'presence', goes);
    const hidden = heard(leaving, 'presence', goes);
    boss.disconnect();
    await seen;
    // One event hides the presence, without the time last seen.
    assert.deepEqual(await hidden, { userId: ann.userId, online: false, lastSeenAt: null });
    const comes = heard(staying, 'presence', of(ann.userId));
    await open(ann);
    await comes;
    assert.equal(events.filter(goes).length, 1);
  });

  it('is hidden for users who have turned it off', async () => {
    const [ann, bo] = await people(2);
    const hidden = await stack.people.create({ lastSeen: false });
    await stack.acquaint(node.url, ann, hidden);
    await stack.acquaint(node.url, ann, bo);
    await open(hidden);
    const watching = await open(ann);
    const events = collected(watching, 'presence');
    assert.deepEqual(await watch(watching, hidden), [
      { userId: hidden.userId, online: false, lastSeenAt: null },
    ]);
    await watch(watching, bo);
    const comes = heard(watching, 'presence', of(bo.userId));
    await open(bo);
    await comes;
    assert.deepEqual(events.filter(of(hidden.userId)), []);
  });

  it('is no longer sent after unwatch', async () => {
    const [ann, bo] = await friends();
    const [mine, other] = [await open(ann), await open(ann)];
    await watch(mine, bo);
    await watch(other, bo);
    const events = collected(mine, 'presence');
    assert.deepEqual(await call(mine, 'presence:unwatch', { userIds: [bo.userId] }), {});
    const comes = heard(other, 'presence');
    await open(bo);
    await comes;
    assert.deepEqual(events, []);
  });

  it('can be watched for 200 users per call and 1,000 per connection', async () => {
    const [ann] = await people(2);
    const socket = await open(ann);
    const ids = Array.from({ length: LIMITS.watchedPerSocket + 1 }, () => newId());
    const tooMany = { userIds: ids.slice(0, LIMITS.watchedPerCall + 1) };
    assert.equal(await refusal(socket, 'presence:watch', tooMany), 'invalid_input');
    for (let from = 0; from < LIMITS.watchedPerSocket; from += LIMITS.watchedPerCall) {
      const userIds = ids.slice(from, from + LIMITS.watchedPerCall);
      assert.equal(await refusal(socket, 'presence:watch', { userIds }), undefined);
    }
    const last = { userIds: ids.slice(-1) };
    assert.equal(await refusal(socket, 'presence:watch', last), 'limit_reached');
    await call(socket, 'presence:unwatch', { userIds: ids.slice(0, 1) });
    assert.equal(await refusal(socket, 'presence:watch', last), undefined);
  });

  it('is stored when the node stops', async () => {
    const [ann, bo] = await friends();
    const stopping = await stack.node({}, { presenceGrace: GRACE });
    const theirs = await stack.connections.open(stopping.url, bo);
    const end = closed(theirs);
    await stopping.close();
    await end;
    const [presence] = await watch(await open(ann), bo);
    assert.equal(presence?.online, false);
    assert.equal(typeof presence.lastSeenAt, 'number');
  });
});

describe('the users of a large node', () => {
  it('are recorded as seen in small shares, each once in two minutes', async () => {
    const users = Array.from({ length: 8_000 }, () => newId());
    const shares: string[][] = [];
    let runs = 0;
    const presence = new PresenceService({
      connected: { has: () => true, all: () => users },
      store: {
        prolong: () => {
          runs += 1;
          return Promise.resolve();
        },
      },
      repository: {
        raise: (userIds: readonly string[]) => {
          shares.push([...userIds]);
          return Promise.resolve();
        },
      },
      periodicMetrics: { register: () => undefined, observe: () => undefined },
      now: Date.now,
    } as unknown as ConstructorParameters<typeof PresenceService>[0]);
    // A run each second.
    for (let second = 1; second < 240; second += 1) {
      presence.renew();
      await until(() => runs === second);
      await new Promise(setImmediate);
    }
    assert.ok(Math.max(...shares.map(({ length }) => length)) <= 67);
    assert.deepEqual(shares.flat().sort(), [...users].sort());
  });
});

describe('the limit of watched users', () => {
  const refusalOf = (take: () => void) => {
    try {
      take();
      return undefined;
    } catch (error) {
      return (error as AppError).code;
    }
  };

  for (const watched of [1, 7, 100, LIMITS.watchedPerCall]) {
    it(`counts the users and not the calls: ${watched} in each`, () => {
      let now = 0;
      const limit = new WatchLimit(() => now);
      const take = () => refusalOf(() => limit.take('ann', watched));
      const calls = Math.floor(WATCHES.burst / watched);
      for (let call = 0; call < calls; call += 1) assert.equal(take(), undefined);
      assert.equal(take(), 'rate_limited');
      assert.equal(
        refusalOf(() => limit.take('ben', watched)),
        undefined,
      );
      now = (SECOND * watched) / WATCHES.perSecond;
      assert.equal(take(), undefined);
    });
  }

  it('is large enough to watch everybody that a socket may watch, after three reconnects in a row', () => {
    const limit = new WatchLimit(() => 0);
    for (let connection = 0; connection < 4; connection += 1) {
      for (let watched = 0; watched < LIMITS.watchedPerSocket; watched += LIMITS.watchedPerCall)
        limit.take('ann', LIMITS.watchedPerCall);
    }
  });

  it('refuses the call with the time to wait', async () => {
    const stack = await TestStack.create();
    try {
      const node = await stack.node();
      const socket = await stack.connections.open(node.url, await stack.people.create());
      const userIds = Array.from({ length: LIMITS.watchedPerCall }, newId);
      const codes = new Set<string | undefined>();
      for (let call = 0; call < 30; call += 1) {
        codes.add(await refusal(socket, 'presence:watch', { userIds }));
        await refusal(socket, 'presence:unwatch', { userIds });
      }
      assert.deepEqual(codes, new Set([undefined, 'rate_limited']));
    } finally {
      await stack.close();
    }
  });
});
