import assert from 'node:assert/strict';
import type { UserDocument } from '@parley/backend-common/domain';
import { LIMITS } from '@parley/common';
import type { Session } from '@parley/common/contract';

import { AuthService, PASSWORD, assertRefused } from './support/auth-service.ts';

describe('logging in', () => {
  let auth: AuthService;
  before(async () => {
    auth = await AuthService.start({ env: { PARLEY_RATE_LIMITS: 'off' } });
  });
  after(() => auth.drop());

  it('creates a session with a new token each time', async () => {
    const { sessionToken, user } = await auth.register('alice');
    const one = await auth.login('Alice', PASSWORD);
    const two = await auth.login('alice', PASSWORD);
    assert.equal(one.status, 200);
    assert.deepEqual(one.data.user, user);
    const tokens = [sessionToken, one.data.sessionToken, two.data.sessionToken];
    assert.equal(new Set(tokens).size, 3);
    for (const token of tokens) {
      assert.equal((await auth.call('GET', '/me', { token })).status, 200);
    }
  });

  it('gives the same answer for a wrong password, an unknown username and a malformed one', async () => {
    await auth.register('known');
    const answers = [
      await auth.login('known', 'wrong password'),
      await auth.login('unknown', 'wrong password'),
      await auth.login('???', 'wrong password'),
    ];
    const comparable = answers.map(({ data, headers, status }) => {
      const body = { ...data, instance: '' };
      const names = [...headers.keys()].sort();
      return { body, status, names, length: headers.get('content-length') };
    });
    assertRefused(answers[0] as never, 'invalid_credentials');
    assert.deepEqual(comparable[1], comparable[0]);
    assert.deepEqual(comparable[2], comparable[0]);
  });

  it('checks a password for unknown usernames too, against a hash of the same cost', async () => {
    await auth.register('known-2');
    auth.hasher.verified.splice(0);
    await auth.login('known-2', 'wrong password');
    await auth.login('unknown-2', 'wrong password');
    assert.equal(auth.hasher.verified.length, 2);
    const costs = auth.hasher.verified.map(({ passwordHash }) => passwordHash.split('$')[1]);
    assert.deepEqual(costs, ['1', '1']);
  });

  it('is refused to a deleted user', async () => {
    await auth.register('leaver');
    await auth.mongo.db
      .collection('users')
      .updateOne({ username: 'leaver' }, { $set: { deletedAt: 1 } });
    assertRefused((await auth.login('leaver', PASSWORD)) as never, 'invalid_credentials');
  });

  it('hashes the password again if the cost has been raised, and the old token stays valid', async () => {
    const { sessionToken } = await auth.register('veteran');
    const stored = async () => {
      const users = auth.mongo.db.collection<UserDocument>('users');
      return (await users.findOne({ username: 'veteran' }))?.passwordHash;
    };
    auth.hasher.cost = 2;
    try {
      assertRefused(
        (await auth.login('veteran', 'wrong password')) as never,
        'invalid_credentials',
      );
      assert.match(String(await stored()), /^fake\$1\$/);
      const [one, two] = await Promise.all([
        auth.login('veteran', PASSWORD),
        auth.login('veteran', PASSWORD),
      ]);
      assert.deepEqual([one.status, two.status], [200, 200]);
      assert.match(String(await stored()), /^fake\$2\$/);
      assert.equal((await auth.login('veteran', PASSWORD)).status, 200);
      assert.equal((await auth.call('GET', '/me', { token: sessionToken })).status, 200);
    } finally {
      auth.hasher.cost = 1;
    }
  });

  it('ends the longest idle session if there are more than 50', async () => {
    const first = await auth.register('collector');
    const tokens: string[] = [];
    for (let count = 0; count < LIMITS.sessionsPerUser; count += 1) {
      auth.clock.now += 1;
      tokens.push((await auth.login('collector', PASSWORD)).data.sessionToken);
    }
    const call = (token: string) => auth.call('GET', '/auth/sessions', { token });
    assertRefused(await call(first.sessionToken), 'session_expired');
    const { data } = await call(tokens[0]!);
    assert.equal((data['sessions'] as Session[]).length, LIMITS.sessionsPerUser);
  });

  it('counts logins by result', async () => {
    await auth.register('counted');
    const ok = await auth.metric('parley_logins_total', { result: 'ok' });
    const wrong = await auth.metric('parley_logins_total', { result: 'wrong' });
    await auth.login('counted', PASSWORD);
    await auth.login('counted', 'wrong password');
    await auth.login('nobody-there', 'wrong password');
    assert.equal(await auth.metric('parley_logins_total', { result: 'ok' }), ok + 1);
    assert.equal(await auth.metric('parley_logins_total', { result: 'wrong' }), wrong + 2);
  });
});
