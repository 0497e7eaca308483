import assert from 'node:assert/strict';

import { AuthService, PASSWORD, assertRefused, type SignedIn } from './support/auth-service.ts';

const NEXT = 'better horse battery';

describe('changing the password', () => {
  let auth: AuthService;
  let alice: SignedIn;
  beforeEach(async () => {
    auth = await AuthService.start();
    alice = await auth.register('alice');
  });
  afterEach(() => auth.drop());

  const change = (
    { sessionToken: token }: SignedIn,
    currentPassword: string,
    newPassword: string = NEXT,
  ) => auth.call('POST', '/auth/password', { token, body: { currentPassword, newPassword } });
  const me = ({ sessionToken: token }: SignedIn) => auth.call('GET', '/me', { token });

  it('ends every other session and keeps the current one', async () => {
    const other = (await auth.login('alice', PASSWORD)).data;
    const bob = await auth.register('bob');
    assert.equal((await change(alice, PASSWORD)).status, 204);
    assert.equal((await me(alice)).status, 200);
    assertRefused(await me(other), 'session_expired');
    assert.equal((await me(bob)).status, 200);
    assertRefused((await auth.login('alice', PASSWORD)) as never, 'invalid_credentials');
    assert.equal((await auth.login('alice', NEXT)).status, 200);
  });

  it('requires the current password', async () => {
    const other = (await auth.login('alice', PASSWORD)).data;
    for (const wrong of ['', 'wrong password', PASSWORD.toUpperCase()]) {
      assertRefused(await change(alice, wrong), 'invalid_credentials');
    }
    assert.equal((await me(other)).status, 200);
    assert.equal((await auth.login('alice', PASSWORD)).status, 200);
  });

  it('requires a new password that is not easy to guess', async () => {
    for (const weak of ['short', 'password1', 'alice1234']) {
      const answer = await change(alice, PASSWORD, weak);
      assertRefused(answer, 'invalid_input');
      const issues = answer.data['issues'] as { path: string }[];
      assert.equal(issues[0]?.path, 'newPassword');
    }
  });

  it('allows five guesses within a stolen session, while the owner can still log in', async () => {
    for (let guess = 0; guess < 5; guess += 1) {
      assertRefused(await change(alice, `guess number ${guess}`), 'invalid_credentials');
    }
    const verified = auth.hasher.verified.length;
    const refused = await change(alice, PASSWORD);
    assertRefused(refused, 'rate_limited');
    assert.equal(refused.data['retryAfterMs'], 60_000);
    assert.equal(auth.hasher.verified.length, verified);

    const owner = (await auth.login('alice', PASSWORD)).data;
    assert.equal((await change(owner, PASSWORD)).status, 204);
    assertRefused(await me(alice), 'session_expired');
  });

  it('happens once if it is requested twice at the same time', async () => {
    const answers = await Promise.all([
      change(alice, PASSWORD, 'the first of two'),
      change(alice, PASSWORD, 'the second of two'),
    ]);
    assert.equal(answers.filter(({ status }) => status === 204).length, 1);
    const loser = answers.find(({ status }) => status !== 204);
    assert.ok(loser);
    // It lost while both were in progress, or arrived after the password was changed.
    assertRefused(loser, loser.status === 409 ? 'conflict' : 'invalid_credentials');
  });

  it('ends the session of a concurrent login with the old password', async () => {
    auth.hasher.hold();
    const login = auth.login('alice', PASSWORD);
    await auth.reached(() => auth.hasher.verified.length === 1);
    await auth.mongo.db
      .collection('users')
      .updateOne({ username: 'alice' }, { $set: { passwordChangedAt: auth.clock.now + 1 } });
    auth.hasher.release();
    assertRefused((await login) as never, 'invalid_credentials');
    const live = auth.mongo.db.collection('sessions').countDocuments({ revokedAt: null });
    assert.equal(await live, 1);
  });

  it('is refused without a session', async () => {
    const body = { currentPassword: PASSWORD, newPassword: NEXT };
    assertRefused(await auth.call('POST', '/auth/password', { body }), 'unauthenticated');
  });
});
