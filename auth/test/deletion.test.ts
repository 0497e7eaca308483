import assert from 'node:assert/strict';

import { AuthService, PASSWORD, assertRefused, type SignedIn } from './support/auth-service.ts';

describe('deleting the account', () => {
  let auth: AuthService;
  let alice: SignedIn;
  beforeEach(async () => {
    auth = await AuthService.start();
    alice = await auth.register('alice', { displayName: 'Alice Secret', deviceName: 'Her phone' });
  });
  afterEach(() => auth.drop());

  const remove = ({ sessionToken: token }: SignedIn, password: unknown = PASSWORD) =>
    auth.call('DELETE', '/me', { token, body: { password } });
  const me = ({ sessionToken: token }: SignedIn) => auth.call('GET', '/me', { token });
  const finish = async (userId: string, kind: 'internal' | 'service' = 'internal') => {
    const caller = { userId: alice.user.id, sessionId: alice.session.id };
    const claims = { kind, audience: 'auth', ...(kind === 'internal' ? {} : caller) } as const;
    const token = await auth.serviceToken(claims);
    return auth.call('POST', '/internal/accounts/removed', { token, body: { userId } });
  };
  const storedText = async () => {
    const collections = await auth.mongo.db.collections();
    const all = collections.map((each) => each.find().toArray());
    return JSON.stringify(await Promise.all(all));
  };

  it('ends every session and every way to log in, and keeps nobody else out', async () => {
    const other = (await auth.login('alice', PASSWORD)).data;
    const bob = await auth.register('bob');
    assert.equal((await remove(alice)).status, 204);
    assertRefused(await me(alice), 'session_expired');
    assertRefused(await me(other), 'session_expired');
    assertRefused((await auth.login('alice', PASSWORD)) as never, 'invalid_credentials');
    assert.equal((await me(bob)).status, 200);
    assert.ok(auth.log.lines.some((line) => line.includes('"event":"account_deleted"')));
  });

  it('leaves a profile without names, which nobody finds', async () => {
    const bob = await auth.register('bob');
    const seen = async (path: string) =>
      (await auth.call('GET', path, { token: bob.sessionToken })).data;
    await remove(alice);
    const { id } = alice.user;
    const nobody = { username: null, displayName: null, avatarId: null, deleted: true };
    assert.deepEqual(await seen(`/users/${id}`), { id, ...nobody });
    for (const query of ['username=alice', 'prefix=al', 'prefix=secret']) {
      assert.deepEqual(await seen(`/users?${query}`), { users: [] });
    }
  });

  it('never gives the username to somebody else', async () => {
    await remove(alice);
    const again = await auth.call('POST', '/auth/register', {
      body: { username: 'alice', password: PASSWORD },
    });
    assertRefused(again, 'username_taken');
  });

  it('requires the password, at most five times in one session', async () => {
    for (const wrong of ['', 'wrong password', PASSWORD.toUpperCase(), `${PASSWORD} `, 'x']) {
      assertRefused(await remove(alice, wrong), 'invalid_credentials');
    }
    assertRefused(await remove(alice), 'rate_limited');
    assert.equal((await me(alice)).status, 200);
    const refused = auth.log.lines.filter((line) => line.includes('account_deletion_refused'));
    assert.equal(refused.length, 6);
  });

  it('is refused without a session, without a password, and with more than a password', async () => {
    const body = { password: PASSWORD };
    assertRefused(await auth.call('DELETE', '/me', { body }), 'unauthenticated');
    const token = alice.sessionToken;
    assertRefused(await auth.call('DELETE', '/me', { token }), 'invalid_input');
    const more = { ...body, userId: alice.user.id };
    assertRefused(await auth.call('DELETE', '/me', { token, body: more }), 'invalid_input');
    assert.equal((await me(alice)).status, 200);
  });

  it('happens once if it is requested twice at the same time', async () => {
    const answers = await Promise.all([remove(alice), remove(alice)]);
    assert.equal(answers.filter(({ status }) => status === 204).length, 1);
    const loser = answers.find(({ status }) => status !== 204);
    assert.ok(loser);
    // It lost while both were in progress, or arrived after the session had ended.
    assertRefused(
      loser,
      loser.status === 409 ? 'conflict' : (loser.data['code'] as 'unauthenticated'),
    );
    assert.ok([401, 409].includes(loser.status));
  });

  it('ends the session of a concurrent login', async () => {
    auth.hasher.hold();
    const login = auth.login('alice', PASSWORD);
    await auth.reached(() => auth.hasher.verified.length === 1);
    const removal = remove(alice);
    auth.hasher.release();
    const [{ data, status }] = await Promise.all([login, removal]);
    if (status === 200) assertRefused(await me(data), 'session_expired');
    const live = auth.mongo.db.collection('sessions').countDocuments({ revokedAt: null });
    assert.equal(await live, 0);
  });

  it('loses to a change of the password, and is not stopped by a new hash of it', async () => {
    const other = (await auth.login('alice', PASSWORD)).data;
    const verified = auth.hasher.verified.length;
    auth.hasher.hold();
    const removal = remove(alice);
    await auth.reached(() => auth.hasher.verified.length > verified);
    await auth.mongo.db
      .collection('users')
      .updateOne({ username: 'alice' }, { $set: { passwordHash: 'of another password' } });
    auth.hasher.release();
    const refused = await removal;
    assertRefused(refused, 'conflict');
    assert.equal(refused.data['retryable'], true);
    assert.equal((await me(other)).status, 200);
  });

  it('leaves nothing but the ids and the username once the other services have finished', async () => {
    await remove(alice);
    assert.equal((await finish(alice.user.id)).status, 204);
    const stored = await storedText();
    for (const gone of ['Alice Secret', 'alice secret', 'Her phone', 'fake$1']) {
      assert.ok(!stored.includes(gone), gone);
    }
    assertRefused(await me(alice), 'unauthenticated');
    const user = await auth.mongo.db.collection('users').findOne({ username: 'alice' });
    assert.equal(user?.['removalSince'], undefined);
    assert.ok(user?.['deletedAt']);
    // A repeat, for example after a lost answer.
    assert.equal((await finish(alice.user.id)).status, 204);
  });

  it('is finished by services alone, and only for an account that is deleted', async () => {
    assertRefused(await finish(alice.user.id, 'service'), 'unauthenticated');
    assertRefused(await finish(alice.user.id), 'conflict');
    const body = { userId: alice.user.id };
    const path = '/internal/accounts/removed';
    assertRefused(await auth.call('POST', path, { body }), 'unauthenticated');
    const { sessionToken: token } = alice;
    assertRefused(await auth.call('POST', path, { token, body }), 'unauthenticated');
    assert.equal((await me(alice)).status, 200);
  });
});
