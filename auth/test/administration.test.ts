import assert from 'node:assert/strict';
import {
  authOperations,
  isForAdministrators,
  type AdminAccount,
  type AuthOperationName,
} from '@parley/common/contract';

import { AuthService, PASSWORD, assertRefused, type SignedIn } from './support/auth-service.ts';

const operations = Object.entries(authOperations)
  .filter(([, operation]) => isForAdministrators(operation))
  .map(([name, { http, limit }]) => ({ name: name as AuthOperationName, http, limit }));

describe('administrators', () => {
  let auth: AuthService;
  let root: SignedIn;
  let ben: SignedIn;
  beforeEach(async () => {
    auth = await AuthService.start({ env: { PARLEY_ADMINS: 'Boss-Of-All, nobody-yet' } });
    root = await auth.registerAdministrator('boss-of-all');
    ben = await auth.register('ben');
  });
  afterEach(() => auth.drop());

  const act = <Data = AdminAccount>(path: string, as: SignedIn = root, method = 'POST') =>
    auth.call<Data>(method, `/admin/users/${path}`, { token: as.sessionToken });
  const me = ({ sessionToken: token }: SignedIn) => auth.call('GET', '/me', { token });
  const liveSessions = () =>
    auth.mongo.db.collection('sessions').countDocuments({ userId: ben.user.id, revokedAt: null });
  const audited = () =>
    auth.log.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ operation }) => String(operation).startsWith('admin:'));

  describe('in the configuration', () => {
    it('are the only users who may call what is under /admin', async () => {
      assert.ok(operations.length > 0);
      for (const { http, name } of operations) {
        for (const user of [root.user.id, 'ben', 'no-such-user', '%7B%22%24ne%22%3A1%7D']) {
          const path = http.path.replace(':user', user);
          const given = { token: ben.sessionToken };
          assertRefused(await auth.call(http.method, path, given), 'forbidden');
          assertRefused(await auth.call(http.method, path), 'unauthenticated');
        }
        const refusals = audited().filter(({ event, operation }) => {
          return event === 'forbidden' && operation === name;
        });
        assert.equal(refusals.length, 4);
        assert.equal(refusals[0]?.['userId'], ben.user.id);
        assert.deepEqual(refusals[0]['target'], { user: root.user.id });
      }
      assert.equal((await me(root)).status, 200);
      assert.equal((await me(ben)).status, 200);
    });

    it('are nobody unless it lists them, by username or by id', async () => {
      await auth.stop();
      const { mongo } = auth;
      auth = await AuthService.start({ mongo });
      assertRefused((await act('ben/suspend')) as never, 'forbidden');
      await auth.stop();
      auth = await AuthService.start({ mongo, env: { PARLEY_ADMINS: root.user.id } });
      assert.equal((await act('ben/suspend')).status, 200);
      assertRefused((await act('ben/restore', ben)) as never, 'session_expired');
    });

    it('have their accounts before they are listed: nobody can register a listed name', async () => {
      const body = { username: 'Nobody-Yet', password: PASSWORD };
      assertRefused(await auth.call('POST', '/auth/register', { body }), 'username_taken');
    });

    it('are administrators no more once they are suspended or deleted', async () => {
      const users = auth.mongo.db.collection<{ _id: string }>('users');
      const set = (fields: object) => users.updateOne({ _id: root.user.id }, { $set: fields });
      for (const field of ['suspendedAt', 'deletedAt']) {
        await set({ [field]: 1 });
        assertRefused((await act('ben/suspend')) as never, 'forbidden');
        await set({ [field]: null });
      }
      assert.equal((await act('ben/suspend')).status, 200);
    });

    it('are limited in how often they call each operation, as everybody is', () => {
      for (const { limit, name } of operations) assert.ok(limit, name);
    });
  });

  describe('who suspend an account', () => {
    it('end its sessions, and keep it from logging in until they restore it', async () => {
      const other = (await auth.login('ben', PASSWORD)).data;
      const { data } = await act('ben/suspend');
      assert.equal(data.suspendedAt, auth.clock.now);
      assert.equal(data.id, ben.user.id);
      for (const session of [ben, other]) assertRefused(await me(session), 'session_expired');
      assertRefused((await auth.login('ben', PASSWORD)) as never, 'account_suspended');
      assertRefused((await auth.login('ben', 'wrong password')) as never, 'invalid_credentials');
      assert.equal((await act(`${ben.user.id}/restore`)).data.suspendedAt, null);
      const again = (await auth.login('ben', PASSWORD)).data;
      assert.deepEqual(again.user, ben.user);
      assertRefused(await me(ben), 'session_expired');
    });

    it('may repeat it, also after a restart, without changing when it began', async () => {
      const at = auth.clock.now;
      await act('BEN/suspend');
      auth.clock.now += 1_000;
      assert.equal((await act('ben/suspend')).data.suspendedAt, at);
      await auth.stop();
      auth = await AuthService.start({
        mongo: auth.mongo,
        env: { PARLEY_ADMINS: 'boss-of-all' },
      });
      assertRefused((await auth.login('ben', PASSWORD)) as never, 'account_suspended');
      assert.equal((await act('ben/restore')).status, 200);
      assert.equal((await act('ben/restore')).data.suspendedAt, null);
    });

    it('cannot suspend themselves, nor whom there is not', async () => {
      assertRefused((await act('boss-of-all/suspend')) as never, 'conflict');
      assertRefused((await act('no-such-user/suspend')) as never, 'not_found');
      const body = { password: PASSWORD };
      await auth.call('DELETE', '/me', { token: ben.sessionToken, body });
      for (const path of ['ben/suspend', 'ben/restore', `${ben.user.id}/suspend`]) {
        assertRefused((await act(path)) as never, 'not_found');
      }
      assert.equal((await me(root)).status, 200);
    });

    it('are in the audit log, with whom they did it to and with refusals', async () => {
      await act('ben/suspend');
      await act(`${ben.user.id}/restore`);
      await act('no-such-user/suspend');
      const shown = audited().map(({ code, event, target, userId }) => {
        return [event, code, userId, target];
      });
      const id = ben.user.id;
      assert.deepEqual(shown, [
        ['account_suspended', undefined, root.user.id, { user: 'ben', id }],
        ['account_restored', undefined, root.user.id, { user: id, id }],
        ['administration_refused', 'not_found', root.user.id, { user: 'no-such-user' }],
      ]);
      const { address, requestId, sessionId } = audited()[0] ?? {};
      assert.equal(sessionId, root.session.id);
      assert.ok(address && requestId);
    });

    it('end the session of a log-in that has passed the check of the password', async () => {
      auth.hasher.hold();
      const login = auth.login('ben', PASSWORD);
      await auth.reached(() => auth.hasher.verified.length > 0);
      await act('ben/suspend');
      auth.hasher.release();
      assertRefused((await login) as never, 'account_suspended');
      assert.equal(await liveSessions(), 0);
    });

    it('end the sessions of log-ins at the same time, whichever is first', async () => {
      for (let round = 0; round < 5; round += 1) {
        const [suspended, ...logins] = await Promise.all([
          act('ben/suspend'),
          ...Array.from({ length: 3 }, () => auth.login('ben', PASSWORD)),
        ]);
        assert.equal(suspended.status, 200);
        assert.equal(await liveSessions(), 0);
        for (const { data } of logins) {
          if ('sessionToken' in data) assertRefused(await me(data), 'session_expired');
        }
        await act('ben/restore');
      }
    });

    it('end the session that a registration opens at the same time', async () => {
      for (const username of ['cleo', 'dora', 'emil']) {
        const body = { username, password: PASSWORD };
        const registration = auth.call<SignedIn>('POST', '/auth/register', { body });
        let suspended = await act(`${username}/suspend`);
        while (suspended.status === 404) suspended = await act(`${username}/suspend`);
        await registration;
        const live = { userId: suspended.data.id, revokedAt: null };
        assert.equal(await auth.mongo.db.collection('sessions').countDocuments(live), 0);
      }
    });
  });
});
