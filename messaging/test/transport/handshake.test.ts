import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { ServiceTokens, type RunningService, type ServiceClaims } from '@parley/backend-common';
import { DAY, LIMITS, MINUTE } from '@parley/common';
import { CONTRACT } from '@parley/common/contract';

import { ConnectionCounts } from '../../src/transport/handshake/connection-counts.ts';
import { closed, heard } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { SECRET, TestStack } from '../support/stack.ts';

describe('the handshake', () => {
  let stack: TestStack;
  let node: RunningService;
  let ann: Person;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node();
    ann = await stack.people.create();
  });
  after(() => stack.close());

  const token = async (claims: Partial<ServiceClaims>, now = Date.now): Promise<string> => {
    const issued = await new ServiceTokens({ secret: SECRET, now }).issue({
      kind: 'ticket',
      audience: 'messaging',
      ...ann,
      ...claims,
    });
    return issued.token;
  };

  it('sends the identity, and replays nothing to a client that compares heads', async () => {
    const socket = stack.connections.prepare(node.url, { token: ann.token, sync: 'heads' });
    const { serverTime, ...ready } = await heard(socket, 'ready');
    assert.deepEqual(ready, {
      contract: CONTRACT,
      sessionId: ann.sessionId,
      userId: ann.userId,
      replaying: false,
      attachments: false,
    });
    assert.ok(Math.abs(serverTime - Date.now()) < MINUTE);
  });

  it('announces pages to a plain client', async () => {
    const socket = stack.connections.prepare(node.url, { token: ann.token });
    assert.equal((await heard(socket, 'ready')).replaying, true);
  });

  const wrong: [what: string, auth: Record<string, unknown>][] = [
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a number', { token: 42 }],
    ['a query operator', { token: { $ne: null } }],
    ['a list', { token: ['x'] }],
    ['a token of nobody', { token: 'A'.repeat(43) }],
    ['a very long token', { token: 'A'.repeat(5_000) }],
    ['something that looks signed', { token: 'a.b.c' }],
    ['a token with other signs', { token: `${'A'.repeat(42)}\n` }],
  ];
  for (const [what, auth] of wrong) {
    it(`refuses ${what} with a code and a message`, async () => {
      const { data, message } = await stack.connections.refused(node.url, auth);
      assert.equal(message, 'unauthenticated');
      assert.equal(data?.code, 'unauthenticated');
      assert.equal(data.retryable, false);
      assert.equal(typeof data.message, 'string');
    });
  }

  it('refuses an unknown kind of synchronisation', async () => {
    const auth = { token: ann.token, sync: 'everything' };
    const { data, message } = await stack.connections.refused(node.url, auth);
    assert.equal(message, 'invalid_input');
    assert.deepEqual(
      data?.issues?.map(({ path }) => path),
      ['sync'],
    );
  });

  it('refuses ended sessions with their own code', async () => {
    const revoked = await stack.people.logIn(ann.userId, { revokedAt: Date.now() });
    const expired = await stack.people.logIn(ann.userId, { expiresAt: Date.now() - DAY });
    for (const { token } of [revoked, expired]) {
      const { message } = await stack.connections.refused(node.url, { token });
      assert.equal(message, 'session_expired');
    }
  });

  it('accepts a ticket, which HTTP refuses', async () => {
    const ticket = await token({ kind: 'ticket' });
    const socket = stack.connections.prepare(node.url, { token: ticket });
    assert.equal((await heard(socket, 'ready')).userId, ann.userId);

    const { body, headers, status } = await request(`${node.url}/conversations`, {
      as: { token: ticket },
    });
    assert.equal(status, 401);
    assert.equal(headers.get('www-authenticate'), 'Bearer');
    assert.equal((body as { code: string }).code, 'unauthenticated');
  });

  it('refuses tickets that are expired, for another service, of another kind, or of another user', async () => {
    const bo = await stack.people.create();
    const tickets = [
      await token({}, () => Date.now() - MINUTE),
      await token({ audience: 'auth' }),
      await token({ kind: 'service' }),
      await token({ kind: 'internal' }),
      await token({ userId: bo.userId }),
    ];
    for (const ticket of tickets) {
      const { message } = await stack.connections.refused(node.url, { token: ticket });
      assert.equal(message, 'unauthenticated');
    }
  });

  it('accepts WebSockets only, unless long polling is on', async () => {
    const { message } = await stack.connections.refused(
      node.url,
      { token: ann.token },
      { transports: ['polling'] },
    );
    assert.equal(message, 'xhr poll error');

    const polling = await stack.node({ PARLEY_LONG_POLLING: 'on' });
    const socket = stack.connections.prepare(
      polling.url,
      { token: ann.token },
      { transports: ['polling'] },
    );
    assert.equal((await heard(socket, 'ready')).userId, ann.userId);
  });
});

describe('limits on connections', () => {
  let stack: TestStack;
  before(async () => (stack = await TestStack.create()));
  after(() => stack.close());

  it('admit exactly 20 of many concurrent ones, and another when one has closed', async () => {
    const { url } = await stack.node();
    const ann = await stack.people.create();
    const all = Array.from({ length: LIMITS.socketsPerUser + 5 }, () =>
      stack.connections.prepare(url, { token: ann.token }),
    );
    const outcomes = await Promise.allSettled(all.map((socket) => heard(socket, 'ready')));
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as Error).message] : [],
    );
    assert.deepEqual(
      refused,
      Array.from({ length: 5 }, () => 'limit_reached'),
    );

    const leaving = all.find(({ connected }) => connected);
    const gone = closed(leaving!);
    leaving!.disconnect();
    await gone;
    await stack.connections.open(url, ann, { reconnection: true });
  });

  it('do not apply when rate limits are off', async () => {
    const { url } = await stack.node({ PARLEY_RATE_LIMITS: 'off' });
    const ann = await stack.people.create();
    const all = Array.from({ length: LIMITS.socketsPerUser + 1 }, () =>
      stack.connections.open(url, ann),
    );
    assert.equal((await Promise.all(all)).length, LIMITS.socketsPerUser + 1);
  });

  it('count a connection until it closes', () => {
    const counts = new ConnectionCounts();
    const [one, other] = [new EventEmitter(), new EventEmitter()];
    counts.enter('a', one);
    counts.enter('a', other);
    assert.equal(counts.of('a'), 2);
    one.emit('close');
    one.emit('close');
    assert.equal(counts.of('a'), 1);
    other.emit('close');
    assert.equal(counts.of('a'), 0);
  });
});
