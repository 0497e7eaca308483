import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, SECOND } from '@parley/common';
import type { Session } from '@parley/common/contract';

import { AuthService, PASSWORD, assertRefused } from './support/auth-service.ts';

const NOBODYS = '01a20336-39a9-7253-8a73-76f36b49cc32';

describe('sessions', () => {
  let auth: AuthService;
  beforeEach(async () => {
    auth = await AuthService.start();
  });
  afterEach(() => auth.drop());

  const me = (token: string) => auth.call('GET', '/me', { token });
  const list = async (token: string) => {
    const { data } = await auth.call<{ sessions: Session[] }>('GET', '/auth/sessions', { token });
    return data.sessions;
  };
  const login = async (username: string) => (await auth.login(username, PASSWORD)).data;
  const stored = async (id: string) =>
    auth.mongo.db
      .collection<{ _id: string; removeAt: Date; expiresAt: number; lastSeenAt: number }>(
        'sessions',
      )
      .findOne({ _id: id });

  const touch = async (sessionIds: string[]) => {
    const token = await auth.serviceToken({ kind: 'internal', audience: 'auth' });
    const body = { sessionIds };
    return (await auth.call('POST', '/internal/sessions/touch', { token, body })).status;
  };

  it('are listed to their owner, last used first, without tokens', async () => {
    const first = await auth.register('alice', { deviceName: 'Phone' });
    await auth.register('bob');
    auth.clock.now += HOUR;
    const second = await login('alice');
    const sessions = await list(first.sessionToken);
    assert.deepEqual(
      sessions.map(({ id }) => id),
      [second.session.id, first.session.id],
    );
    assert.deepEqual(
      sessions.map(({ current }) => current),
      [false, true],
    );
    assert.deepEqual(Object.keys(sessions[0]!).sort(), [
      'createdAt',
      'current',
      'deviceName',
      'expiresAt',
      'id',
      'lastSeenAt',
    ]);
  });

  it('end with a logout, at once and permanently', async () => {
    const { sessionToken } = await auth.register('alice');
    const other = await login('alice');
    assert.equal((await me(sessionToken)).status, 200);
    const logout = await auth.call('POST', '/auth/logout', { token: sessionToken });
    assert.equal(logout.status, 204);
    assertRefused(await me(sessionToken), 'session_expired');
    assertRefused(
      await auth.call('POST', '/auth/logout', { token: sessionToken }),
      'session_expired',
    );
    assert.equal((await me(other.sessionToken)).status, 200);
  });

  it('can be ended one by one, and ending one again does nothing', async () => {
    const { sessionToken } = await auth.register('alice');
    const other = await login('alice');
    await me(other.sessionToken);
    const revoke = () =>
      auth.call('DELETE', `/auth/sessions/${other.session.id}`, { token: sessionToken });
    assert.equal((await revoke()).status, 204);
    assertRefused(await me(other.sessionToken), 'session_expired');
    const before = await stored(other.session.id);
    auth.clock.now += SECOND;
    assert.equal((await revoke()).status, 204);
    assert.deepEqual(await stored(other.session.id), before);
    assert.equal(await auth.metric('parley_sessions_revoked_total'), 1);
    assert.equal(await auth.metric('parley_sessions_created_total'), 2);
  });

  it('of other users cannot be ended or distinguished from unknown ones', async () => {
    const alice = await auth.register('alice');
    const bob = await auth.register('bob');
    for (const id of [bob.session.id, NOBODYS]) {
      const answer = await auth.call('DELETE', `/auth/sessions/${id}`, {
        token: alice.sessionToken,
      });
      assertRefused(answer, 'not_found');
    }
    assert.equal((await me(bob.sessionToken)).status, 200);
  });

  it('can all be ended except the current one', async () => {
    const first = await auth.register('alice');
    const bob = await auth.register('bob');
    const others = [await login('alice'), await login('alice')];
    const answer = await auth.call('DELETE', '/auth/sessions', { token: first.sessionToken });
    assert.equal(answer.status, 204);
    for (const { sessionToken } of others) assertRefused(await me(sessionToken), 'session_expired');
    assert.equal((await list(first.sessionToken)).length, 1);
    assert.equal((await me(bob.sessionToken)).status, 200);
  });

  it('stay readable for a day after their end', async () => {
    const { session, sessionToken } = await auth.register('alice');
    await auth.call('POST', '/auth/logout', { token: sessionToken });
    const document = await stored(session.id);
    assert.equal(document?.removeAt.getTime(), auth.clock.now + DAY);
  });

  it('expire after 30 days without use', async () => {
    const { sessionToken } = await auth.register('alice');
    auth.clock.now += 30 * DAY - 1;
    assert.equal((await me(sessionToken)).status, 200);
    const other = await AuthService.start({ mongo: auth.mongo });
    try {
      other.clock.now = auth.clock.now + 1;
      const answer = await other.call('GET', '/me', { token: sessionToken });
      assertRefused(answer, 'session_expired');
    } finally {
      await other.stop();
    }
  });

  it('are extended while they are used, up to 180 days', async () => {
    const { sessionToken, session } = await auth.register('alice');
    const begun = auth.clock.now;
    for (let day = 0; day < 8; day += 1) {
      auth.clock.now = begun + day * 20 * DAY;
      assert.equal((await me(sessionToken)).status, 200, `day ${day * 20}`);
      await touch([session.id]);
    }
    auth.clock.now = begun + 160 * DAY;
    await touch([session.id]);
    assert.equal((await stored(session.id))?.expiresAt, begun + 180 * DAY);
    auth.clock.now = begun + 180 * DAY;
    assertRefused(await me(sessionToken), 'session_expired');
    assert.equal(await touch([session.id]), 204);
    assertRefused(await me(sessionToken), 'session_expired');
  });

  it('record their use by the time the service stops', async () => {
    const { session, sessionToken } = await auth.register('alice');
    auth.clock.now += HOUR;
    await me(sessionToken);
    await me(sessionToken);
    assert.notEqual((await stored(session.id))?.lastSeenAt, auth.clock.now);
    await auth.stop();
    const document = await stored(session.id);
    assert.equal(document?.lastSeenAt, auth.clock.now);
    assert.equal(document.expiresAt, auth.clock.now + 30 * DAY);
    assert.equal(document.removeAt.getTime(), auth.clock.now + 31 * DAY);
  });

  describe('with open sockets', () => {
    it('are extended by the messaging service, and written at most every five minutes', async () => {
      const { session } = await auth.register('alice');
      const begun = auth.clock.now;
      auth.clock.now += 5 * MINUTE - 1;
      assert.equal(await touch([session.id]), 204);
      assert.equal((await stored(session.id))?.lastSeenAt, begun);
      auth.clock.now += 1;
      assert.equal(await touch([session.id, NOBODYS]), 204);
      assert.equal((await stored(session.id))?.lastSeenAt, auth.clock.now);
    });

    it('are not restored after their end', async () => {
      const { session, sessionToken } = await auth.register('alice');
      await auth.call('POST', '/auth/logout', { token: sessionToken });
      const before = await stored(session.id);
      auth.clock.now += HOUR;
      assert.equal(await touch([session.id]), 204);
      assert.deepEqual(await stored(session.id), before);
    });

    it('are extended by no other caller', async () => {
      const { session, sessionToken, user } = await auth.register('alice');
      const claims = { userId: user.id, sessionId: session.id };
      const bad = [
        undefined,
        sessionToken,
        await auth.serviceToken({ kind: 'internal', audience: 'messaging' }),
        await auth.serviceToken({ kind: 'service', audience: 'auth', ...claims }),
        await auth.serviceToken({ kind: 'ticket', audience: 'auth', ...claims }),
      ];
      for (const token of bad) {
        const body = { sessionIds: [session.id] };
        const answer = await auth.call('POST', '/internal/sessions/touch', { token, body });
        assertRefused(answer, 'unauthenticated');
      }
    });

    it('are sent as ids, at most 500 per call', async () => {
      const token = await auth.serviceToken({ kind: 'internal', audience: 'auth' });
      const bodies = [
        {},
        [],
        { sessionIds: 'all' },
        { sessionIds: [{ $ne: null }] },
        { sessionIds: Array.from({ length: 501 }, () => NOBODYS) },
        { sessionIds: [], extra: 1 },
      ];
      for (const body of bodies) {
        const answer = await auth.call('POST', '/internal/sessions/touch', { token, body });
        assertRefused(answer, 'invalid_input');
      }
      const got = await auth.call('GET', '/internal/sessions/touch', { token });
      assertRefused(got, 'method_not_allowed');
    });
  });
});
