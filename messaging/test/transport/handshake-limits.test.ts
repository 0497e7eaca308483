import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { addressGroup, type VerifiedCaller } from '@parley/backend-common';
import { AppError, LIMITS } from '@parley/common';

import { ConnectionCounts } from '../../src/transport/handshake/connection-counts.ts';
import type { ConnectionsOf } from '../../src/transport/handshake/shared-connections.ts';
import type { ClientSocket } from '../../src/transport/server/socket.ts';
import { Handshake } from '../../src/transport/handshake/handshake.ts';
import { HandshakePace } from '../../src/transport/handshake/handshake-pace.ts';
import { Pace } from '../../src/transport/handshake/pace.ts';
import {
  ALL_TUNING,
  NO_TUNING,
  createTuning,
  type TuningOptions,
} from '../../src/transport/tuning/tuning.ts';
import type { Refused } from '../support/connections.ts';

const caller: VerifiedCaller = { userId: 'u', sessionId: 's', expiresAt: 1 };

/** A handshake under test, and what it counts. */
function handshake(options: {
  readonly limited?: boolean;
  readonly tuning?: TuningOptions;
  readonly verify?: () => Promise<VerifiedCaller>;
  readonly elsewhere?: ConnectionsOf;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}) {
  const results: string[] = [];
  const faults: unknown[] = [];
  const connectionsOfAddress = new ConnectionCounts();
  const connectionsOfUser = new ConnectionCounts();
  const tested = new Handshake({
    verifier: { verifyHandshake: options.verify ?? (() => Promise.resolve(caller)) },
    connectionsOfUser,
    connectionsOfAddress,
    elsewhere: { of: () => Promise.resolve(options.elsewhere ?? { user: 0, address: 0 }) },
    rules: { origins: [], publicOrigin: undefined, trustedProxies: ['10.0.0.1'] },
    limited: options.limited ?? true,
    tuning: createTuning(options.tuning ?? ALL_TUNING),
    metrics: {
      handshakes: { inc: ({ result }: { result: string }) => results.push(result) } as never,
    },
    onFault: (error) => void faults.push(error),
    // Its clock stands still: nothing is forgiven while a test runs.
    pace: new HandshakePace(options.wait ?? (() => Promise.resolve()), () => 0),
    deadline: { watch: () => undefined, admit: () => undefined },
  });
  return { tested, results, faults, connectionsOfAddress, connectionsOfUser };
}

/** A request through a trusted proxy. */
const requestOf = (address: string) =>
  ({
    headers: { 'x-forwarded-for': `9.9.9.9, ${address}` },
    socket: { remoteAddress: '10.0.0.1' },
  }) as unknown as ClientSocket['request'];

/** A socket of somebody who has just come. */
const socketOf = (address: string, readyState = 'open') => ({
  request: requestOf(address),
  conn: Object.assign(new EventEmitter(), {
    ...{ readyState, close: () => undefined },
    transport: { name: 'polling' },
  }),
  handshake: { auth: { token: 'x' } },
});

const admit = (tested: Handshake, address: string, socket = socketOf(address)) =>
  new Promise<Refused | undefined>((resolve) => {
    tested.middleware(socket as unknown as ClientSocket, resolve as never);
  });

describe('a client that is admitted', () => {
  it('counts until it disconnects, and neither its token nor its headers stay in memory', async () => {
    const { connectionsOfUser, tested } = handshake({});
    const socket = socketOf('1.1.1.1');
    assert.equal(await admit(tested, '1.1.1.1', socket), undefined);
    assert.equal(connectionsOfUser.of(caller.userId), 1);
    assert.deepEqual([socket.handshake.auth, socket.request.headers], [{}, {}]);
    socket.conn.emit('close');
    assert.equal(connectionsOfUser.of(caller.userId), 0);
  });

  it('keeps token and headers when that tuning is off', async () => {
    const { tested } = handshake({ tuning: NO_TUNING });
    const socket = socketOf('1.1.1.1');
    assert.equal(await admit(tested, '1.1.1.1', socket), undefined);
    assert.deepEqual(socket.handshake.auth, { token: 'x' });
    assert.ok('x-forwarded-for' in socket.request.headers);
  });

  it('does not count when it disconnects during the handshake', async () => {
    const { connectionsOfUser, results, tested } = handshake({});
    await admit(tested, '1.1.1.1', socketOf('1.1.1.1', 'closed'));
    assert.equal(connectionsOfUser.of(caller.userId), 0);
    assert.deepEqual(results, ['unavailable']);
  });
});

describe('limits of an address', () => {
  const fill = (counts: ConnectionCounts, address: string, connections: number) => {
    for (let open = 0; open < connections; open += 1) counts.enter(address, new EventEmitter());
  };

  it('refuse with a code beyond the limit, and without a connection far beyond it', async () => {
    const { connectionsOfAddress, results, tested } = handshake({});
    // A connection is counted when it opens: the one that asks is the thousandth.
    fill(connectionsOfAddress, '1.1.1.1', LIMITS.socketsPerAddress);
    assert.equal(await admit(tested, '1.1.1.1'), undefined);
    fill(connectionsOfAddress, '1.1.1.1', 1);
    const refused = await admit(tested, '1.1.1.1');
    assert.equal(refused?.message, 'limit_reached');
    assert.equal(refused.data?.code, 'limit_reached');
    assert.equal(tested.mayBegin(requestOf('1.1.1.1')), true);
    fill(connectionsOfAddress, '1.1.1.1', 100);
    assert.equal(tested.mayBegin(requestOf('1.1.1.1')), false);

    assert.equal(tested.mayBegin(requestOf('2.2.2.2')), true);
    assert.equal(await admit(tested, '2.2.2.2'), undefined);
    assert.deepEqual(results, ['ok', 'limit_reached', 'limit_reached', 'ok']);
  });

  it('let all connections of an address begin at once, and then 50 a second', () => {
    const { results, tested } = handshake({});
    const begun = Array.from({ length: 2 * LIMITS.socketsPerAddress }, () =>
      tested.mayBegin(requestOf('1.1.1.1')),
    ).filter(Boolean).length;
    // A second of this test lets 50 more begin.
    assert.ok(begun >= LIMITS.socketsPerAddress + 100 && begun < LIMITS.socketsPerAddress + 400);
    assert.deepEqual([...new Set(results)], ['rate_limited']);
    assert.equal(tested.mayBegin(requestOf('2.2.2.2')), true);
  });

  for (const [what, addressOf, other] of [
    [
      'addresses of an IPv6 network',
      (at: number) => `2001:db8:1:2::${at.toString(16)}`,
      '2001:db8:1:3::1',
    ],
    [
      'forms of an IPv4 address',
      (at: number) => ['1.1.1.1', '::ffff:1.1.1.1', '::FFFF:101:101'][at % 3]!,
      '::ffff:1.1.1.2',
    ],
  ] as const) {
    it(`count all ${what} together`, async () => {
      const { connectionsOfAddress, tested } = handshake({});
      const begun = Array.from({ length: 2 * LIMITS.socketsPerAddress }, (_, at) =>
        tested.mayBegin(requestOf(addressOf(at))),
      ).filter(Boolean).length;
      assert.ok(begun >= LIMITS.socketsPerAddress && begun < LIMITS.socketsPerAddress + 400);
      assert.equal(tested.mayBegin(requestOf(other)), true);

      fill(connectionsOfAddress, addressGroup(addressOf(0)), LIMITS.socketsPerAddress + 1);
      for (let at = 0; at < 6; at += 1) {
        assert.equal((await admit(tested, addressOf(at)))?.message, 'limit_reached');
      }
      assert.equal(await admit(tested, other), undefined);
    });
  }

  it('do not apply when rate limits are off', async () => {
    const { connectionsOfAddress, tested } = handshake({ limited: false });
    fill(connectionsOfAddress, '1.1.1.1', 2 * LIMITS.socketsPerAddress);
    assert.equal(tested.mayBegin(requestOf('1.1.1.1')), true);
    assert.equal(await admit(tested, '1.1.1.1'), undefined);
  });
});

describe('the pace of handshakes', () => {
  /** How long each of `count` handshakes waits, one after the other. */
  const waits = async (
    count: number,
    options: Omit<Parameters<typeof handshake>[0], 'wait'>,
    addressOf: (at: number) => string = () => '1.1.1.1',
  ) => {
    let waited = 0;
    const { tested } = handshake({
      ...options,
      wait: (milliseconds) => {
        waited += milliseconds;
        return Promise.resolve();
      },
    });
    const each: number[] = [];
    for (let at = 0; at < count; at += 1) {
      waited = 0;
      await admit(tested, addressOf(at));
      each.push(waited);
    }
    return { each };
  };
  const another = () => {
    let users = 0;
    return () => Promise.resolve({ ...caller, userId: `u${(users += 1)}` });
  };
  const unknown = () => Promise.reject(new AppError('unauthenticated'));

  it('lets hundreds of users of one address connect at once, and makes later ones wait longer and longer', async () => {
    const { each } = await waits(700, { verify: another() });
    assert.deepEqual([...new Set(each.slice(0, 250))], [0]);
    assert.ok((each[600] ?? 0) > (each[450] ?? 0) && (each[450] ?? 0) > 0);
    assert.ok(Math.max(...each) <= 4_000);
  });

  it('makes an address wait sooner whose handshakes are refused', async () => {
    const { each } = await waits(80, { verify: unknown });
    assert.equal(each[0], 0);
    assert.ok((each[40] ?? 0) > 1_000);
    assert.equal(each[79], 4_000);
  });

  it('does not count refusals that the client is not to blame for', async () => {
    const verify = () => Promise.reject(new Error('No primary'));
    assert.deepEqual([...new Set((await waits(80, { verify })).each)], [0]);
  });

  it('makes an address wait whose connections were cut, and nobody else', async () => {
    const waiting: number[] = [];
    const slow = handshake({ wait: (milliseconds) => Promise.resolve(waiting.push(milliseconds)) });
    for (let cut = 0; cut < 20; cut += 1) slow.tested.slowDown('1.1.1.1');
    await admit(slow.tested, '2.2.2.2');
    assert.deepEqual(waiting, []);
    await admit(slow.tested, '1.1.1.1');
    assert.equal(waiting.length, 1);
  });

  it('makes a user wait who connects again and again, from whichever address', async () => {
    const { each } = await waits(100, {}, (at) => `1.1.1.${at}`);
    assert.deepEqual([...new Set(each.slice(0, 50))], [0]);
    assert.ok((each[65] ?? 0) > 0 && (each[99] ?? 0) > (each[65] ?? 0));
  });

  it('makes a user wait no less for handshakes of one IPv6 network with many addresses', async () => {
    const { each } = await waits(80, { verify: unknown }, (at) => `2001:db8::${at}`);
    assert.equal(each[79], 4_000);
  });

  it('looks nothing up for a client that has gone while it waited', async () => {
    let lookups = 0;
    const verify = () => {
      lookups += 1;
      return unknown();
    };
    const gone = socketOf('1.1.1.1');
    const { results, tested } = handshake({
      verify,
      wait: () => {
        gone.conn.readyState = 'closed';
        return Promise.resolve();
      },
    });
    for (let cut = 0; cut < 20; cut += 1) tested.slowDown('1.1.1.1');
    await admit(tested, '1.1.1.1', gone);
    assert.equal(lookups, 0);
    assert.deepEqual(results, ['unavailable']);
  });

  it('is not limited when rate limits are off', async () => {
    const { each } = await waits(700, { limited: false, verify: unknown });
    assert.deepEqual([...new Set(each)], [0]);
  });
});

describe('the memory of a pace', () => {
  const options = { cost: 10, allowance: 100, longest: 1_000, keys: 50 };

  it('is bounded, however many keys begin', () => {
    const pace = new Pace(options, () => 0);
    for (let key = 0; key < 500; key += 1) pace.begin(`k${key}`);
    assert.equal(pace.size, 50);
  });

  it('forgets keys that owe nothing', () => {
    let now = 0;
    const pace = new Pace(options, () => now);
    for (let key = 0; key < 40; key += 1) pace.begin(`k${key}`);
    now = 11;
    for (let turn = 0; turn < 40; turn += 1) pace.begin('other');
    assert.equal(pace.size, 1);
  });

  it('forgives what is more than the longest wait', () => {
    let now = 0;
    const pace = new Pace(options, () => now);
    for (let turn = 0; turn < 1_000; turn += 1) pace.begin('k');
    assert.equal(pace.begin('k'), 1_000);
    now = 1_100;
    assert.equal(pace.begin('k'), 0);
  });
});

describe('connections to other nodes', () => {
  for (const [what, elsewhere] of Object.entries({
    'of the user': { user: LIMITS.socketsPerUser, address: 0 },
    'from the address': { user: 0, address: LIMITS.socketsPerAddress + 1 },
  })) {
    it(`${what} count, and a refused connection does not`, async () => {
      const { connectionsOfUser, tested } = handshake({ elsewhere });
      assert.equal((await admit(tested, '1.1.1.1'))?.message, 'limit_reached');
      assert.equal(connectionsOfUser.of(caller.userId), 0);
    });
  }

  it('leave as many to this node as are missing to the limit', async () => {
    const elsewhere = { user: LIMITS.socketsPerUser - 1, address: LIMITS.socketsPerAddress };
    const { tested } = handshake({ elsewhere });
    assert.equal(await admit(tested, '1.1.1.1'), undefined);
    assert.equal((await admit(tested, '1.1.1.1'))?.message, 'limit_reached');
  });

  it('do not count when rate limits are off', async () => {
    const elsewhere = { user: LIMITS.socketsPerUser, address: LIMITS.socketsPerAddress };
    const { tested } = handshake({ elsewhere, limited: false });
    assert.equal(await admit(tested, '1.1.1.1'), undefined);
  });
});

describe('a handshake while the database is unavailable', () => {
  it('is refused as unavailable, so that the client keeps its session and retries', async () => {
    const cause = new Error('No primary: mongodb://user:pass@host');
    const { faults, results, tested } = handshake({ verify: () => Promise.reject(cause) });
    const refused = await admit(tested, '1.1.1.1');
    assert.equal(refused?.message, 'unavailable');
    assert.equal(refused.data?.retryable, true);
    assert.equal(JSON.stringify(refused.data).includes('pass'), false);
    assert.deepEqual(faults, [cause]);
    assert.deepEqual(results, ['unavailable']);
  });

  it('reports no fault when a session is refused', async () => {
    const verify = () => Promise.reject(new AppError('session_expired'));
    const { faults, results, tested } = handshake({ verify });
    assert.equal((await admit(tested, '1.1.1.1'))?.message, 'session_expired');
    assert.deepEqual(faults, []);
    assert.deepEqual(results, ['session_expired']);
  });
});
