import assert from 'node:assert/strict';
import { HOUR } from '@parley/common';
import {
  authOperations,
  isForAdministrators,
  type AuthOperationName,
} from '@parley/common/contract';

import { AuthService, PASSWORD, assertRefused, type SignedIn } from './support/auth-service.ts';
import { administrationCalls, startAdministration } from './support/administration.ts';

const operations = Object.entries(authOperations)
  .filter(([, operation]) => isForAdministrators(operation))
  .map(([name, { http, limit }]) => ({ name: name as AuthOperationName, http: http!, limit }));

describe('administrators', () => {
  let auth: AuthService;
  let root: SignedIn;
  let ben: SignedIn;
  const { act, audited, liveSessions, me } = administrationCalls(() => ({ auth, root, ben }));
  beforeEach(async () => {
    ({ auth, root, ben } = await startAdministration());
  });
  afterEach(() => auth.drop());

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
        const asked = http.path.includes(':user') ? { user: root.user.id } : {};
        assert.deepEqual(refusals[0]['target'], asked);
      }
      assert.equal((await me(root)).status, 200);
      assert.equal((await me(ben)).status, 200);
    });

    it('are nobody unless it lists them, by username or by id', async () => {
      await auth.stop();
      const { mongo } = auth;
      auth = await AuthService.start({ mongo });
      assertRefused(await act('ben/suspend'), 'forbidden');
      await auth.stop();
      auth = await AuthService.start({ mongo, env: { PARLEY_ADMINS: root.user.id } });
      assert.equal((await act('ben/suspend')).status, 200);
      assertRefused(await act('ben/restore', ben), 'session_expired');
    });

    it('cannot be impersonated by registration: nobody can register a listed name', async () => {
      const body = { username: 'Nobody-Yet', password: PASSWORD };
      assertRefused(await auth.call('POST', '/auth/register', { body }), 'username_taken');
    });

    it('lose the right as soon as they are suspended or deleted', async () => {
      const users = auth.mongo.db.collection<{ _id: string }>('users');
      const set = (fields: object) => users.updateOne({ _id: root.user.id }, { $set: fields });
      for (const field of ['suspendedAt', 'deletedAt']) {
        await set({ [field]: 1 });
        assertRefused(await act('ben/suspend'), 'forbidden');
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

    it('can repeat it, even after a restart, without changing the time of the suspension', async () => {
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

    it('cannot suspend themselves or a user who does not exist', async () => {
      assertRefused(await act('boss-of-all/suspend'), 'conflict');
      assertRefused(await act('no-such-user/suspend'), 'not_found');
      const body = { password: PASSWORD };
      await auth.call('DELETE', '/me', { token: ben.sessionToken, body });
      for (const path of ['ben/suspend', 'ben/restore', `${ben.user.id}/suspend`]) {
        assertRefused(await act(path), 'not_found');
      }
      assert.equal((await me(root)).status, 200);
    });

    it('are recorded in the audit log with the affected user, refusals included', async () => {
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

    it('end the session of a login that has passed the check of the password', async () => {
      auth.hasher.hold();
      const login = auth.login('ben', PASSWORD);
      await auth.reached(() => auth.hasher.verified.length > 0);
      await act('ben/suspend');
      auth.hasher.release();
      assertRefused((await login) as never, 'account_suspended');
      assert.equal(await liveSessions(), 0);
    });

    it('end the sessions of concurrent logins, whichever request is first', async () => {
      for (let round = 0; round < 3; round += 1) {
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

    it('end the session of a concurrent registration', async () => {
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

  describe('who reset a password', () => {
    const NEXT = 'better horse battery';
    const link = async (user = 'ben') =>
      (await act<{ link: string; expiresAt: number }>(`${user}/password-reset`)).data;
    const token = async () => (await link()).link.split('#')[1] ?? '';
    const reset = (given: string, password = NEXT, from = '10.1.1.1') =>
      auth.call('POST', '/auth/password-reset', { body: { token: given, password }, from });
    const stored = async () =>
      JSON.stringify(await auth.mongo.db.collection('password_resets').find().toArray());

    it('get a link to the web app, whose token is neither stored nor logged', async () => {
      const given = await link();
      const [page, secret = ''] = given.link.split('#');
      assert.equal(page, '/reset-password');
      assert.match(secret, /^[\w-]{43}$/);
      assert.equal(given.expiresAt, auth.clock.now + HOUR);
      await reset(secret);
      assert.ok(!(await stored()).includes(secret));
      assert.ok(auth.log.lines.every((line) => !line.includes(secret) && !line.includes(NEXT)));
    });

    it('get an absolute link if the server knows the origin of the web app', async () => {
      await auth.stop();
      const env = {
        PARLEY_ADMINS: 'boss-of-all',
        PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org',
      };
      auth = await AuthService.start({ mongo: auth.mongo, env });
      assert.ok((await link()).link.startsWith('https://chat.example.org/reset-password#'));
    });

    it('let the user set a new password once, which ends all sessions', async () => {
      const secret = await token();
      assert.equal((await auth.login('ben', PASSWORD)).status, 200);
      assertRefused(await reset(secret, 'short'), 'invalid_input');
      const common = await reset(secret, 'password1');
      assertRefused(common, 'invalid_input');
      const [issue] = common.data['issues'] as [{ path: string }];
      assert.equal(issue.path, 'password');
      const answers = await Promise.all([1, 2, 3].map(() => reset(secret)));
      assert.equal(answers.filter(({ status }) => status === 204).length, 1);
      for (const answer of answers) {
        if (answer.status !== 204) assertRefused(answer, 'reset_token_invalid');
      }
      assertRefused(await reset(secret), 'reset_token_invalid');
      assertRefused(await me(ben), 'session_expired');
      assert.equal(await liveSessions(), 0);
      assertRefused((await auth.login('ben', PASSWORD)) as never, 'invalid_credentials');
      assert.equal((await auth.login('ben', NEXT)).status, 200);
    });

    it('get a link that is invalid after an hour, after a newer link, and after the account is deleted', async () => {
      const old = await token();
      const late = await token();
      assertRefused(await reset(old), 'reset_token_invalid');
      auth.clock.now += HOUR;
      assertRefused(await reset(late), 'reset_token_invalid');
      const last = await token();
      const again = (await auth.login('ben', PASSWORD)).data;
      const given = { token: again.sessionToken, body: { password: PASSWORD } };
      assert.equal((await auth.call('DELETE', '/me', given)).status, 204);
      assertRefused(await reset(last), 'reset_token_invalid');
      assertRefused(await act('ben/password-reset'), 'not_found');
      for (const nothing of ['no such token', await stored(), 'x'.repeat(100)]) {
        assert.notEqual((await reset(nothing.slice(0, 100))).status, 204);
      }
    });

    it('leave a suspended account suspended', async () => {
      const secret = await token();
      await act('ben/suspend');
      assert.equal((await reset(secret)).status, 204);
      assertRefused((await auth.login('ben', NEXT)) as never, 'account_suspended');
    });

    it('end the session of a login with the old password that is in progress', async () => {
      const secret = await token();
      auth.hasher.hold();
      const login = auth.login('ben', PASSWORD);
      await auth.reached(() => auth.hasher.verified.length > 0);
      const resetting = reset(secret);
      auth.hasher.release();
      await Promise.all([login, resetting]);
      assert.equal(await liveSessions(), 0);
    });

    it('get a token that cannot be guessed, because the attempts of an address are limited', async () => {
      const answers = [];
      for (let guess = 0; guess < 70; guess += 1) answers.push(await reset(`guess-${guess}`));
      assert.ok(answers.some(({ data }) => data['code'] === 'rate_limited'));
      assert.equal((await reset(await token(), NEXT, '10.2.2.2')).status, 204);
    });

    it('are recorded in the audit log, as is the use of the link', async () => {
      const secret = await token();
      await reset('no such token');
      await reset(secret);
      const events = auth.log.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ event }) => String(event).startsWith('password_reset'))
        .map(({ code, event, userId }) => [event, code, userId]);
      assert.deepEqual(events, [
        ['password_reset_begun', undefined, root.user.id],
        ['password_reset_refused', 'reset_token_invalid', undefined],
        ['password_reset', undefined, ben.user.id],
      ]);
    });
  });
});
