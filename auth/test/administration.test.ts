import assert from 'node:assert/strict';
import { HOUR } from '@parley/common';
import {
  authOperations,
  isForAdministrators,
  type AdminAccount,
  type AdminAccountDetails,
  type AuthOperationName,
} from '@parley/common/contract';

import { runCommand } from '../src/command/command.ts';
import {
  AuthService,
  PASSWORD,
  SECRET,
  assertRefused,
  type SignedIn,
} from './support/auth-service.ts';

const operations = Object.entries(authOperations)
  .filter(([, operation]) => isForAdministrators(operation))
  .map(([name, { http, limit }]) => ({ name: name as AuthOperationName, http: http!, limit }));

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
      .filter(({ event, operation }) => {
        return event !== undefined && String(operation).startsWith('admin:');
      });

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

  describe('who reset a password', () => {
    const NEXT = 'better horse battery';
    const link = async (user = 'ben') =>
      (await act<{ link: string; expiresAt: number }>(`${user}/password-reset`)).data;
    const token = async () => (await link()).link.split('#')[1] ?? '';
    const reset = (given: string, password = NEXT, from = '10.1.1.1') =>
      auth.call('POST', '/auth/password-reset', { body: { token: given, password }, from });
    const stored = async () =>
      JSON.stringify(await auth.mongo.db.collection('password_resets').find().toArray());

    it('get a link of the web app, whose token is not stored and not logged', async () => {
      const given = await link();
      const [page, secret = ''] = given.link.split('#');
      assert.equal(page, '/reset-password');
      assert.match(secret, /^[\w-]{43}$/);
      assert.equal(given.expiresAt, auth.clock.now + HOUR);
      await reset(secret);
      assert.ok(!(await stored()).includes(secret));
      assert.ok(auth.log.lines.every((line) => !line.includes(secret) && !line.includes(NEXT)));
    });

    it('get a whole link where the server knows its origin', async () => {
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

    it('get a link that ends after an hour, with a newer one, and with the account', async () => {
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
      assertRefused((await act('ben/password-reset')) as never, 'not_found');
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

    it('end the session of a log-in with the old password that is in progress', async () => {
      const secret = await token();
      auth.hasher.hold();
      const login = auth.login('ben', PASSWORD);
      await auth.reached(() => auth.hasher.verified.length > 0);
      const resetting = reset(secret);
      auth.hasher.release();
      await Promise.all([login, resetting]);
      assert.equal(await liveSessions(), 0);
    });

    it('cannot be imitated by guessing: an address is limited', async () => {
      const answers = [];
      for (let guess = 0; guess < 70; guess += 1) answers.push(await reset(`guess-${guess}`));
      assert.ok(answers.some(({ data }) => data['code'] === 'rate_limited'));
      assert.equal((await reset(await token(), NEXT, '10.2.2.2')).status, 204);
    });

    it('are in the audit log, and so is what became of the link', async () => {
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

  describe('who look after an account', () => {
    it('see its sessions and devices, and no secrets', async () => {
      await auth.mongo.db.collection('devices').insertOne({ userId: ben.user.id, token: 'of-ben' });
      const other = (await auth.login('ben', PASSWORD)).data;
      for (const name of ['ben', 'BEN', ben.user.id]) {
        const { data } = await act<AdminAccountDetails>(name, root, 'GET');
        assert.equal(data.id, ben.user.id);
        assert.equal(data.devices, 1);
        const ids = data.sessions.map(({ id }) => id);
        assert.deepEqual(ids.sort(), [ben.session.id, other.session.id].sort());
        assert.doesNotMatch(JSON.stringify(data), /[hH]ash|of-ben|fake/);
      }
      assertRefused((await act('no-such-user', root, 'GET')) as never, 'not_found');
    });

    it('end all its sessions, after which the user can log in again', async () => {
      assert.equal((await act('ben/revoke-sessions')).status, 200);
      assertRefused(await me(ben), 'session_expired');
      assert.equal((await auth.login('ben', PASSWORD)).status, 200);
      assertRefused((await act('no-such-user/revoke-sessions')) as never, 'not_found');
    });

    it('delete it as its user can, with what removes the rest, but not their own', async () => {
      for (let time = 0; time < 2; time += 1) {
        const { data, status } = await act('ben', root, 'DELETE');
        assert.equal(status, 200);
        assert.equal(data.deletedAt, auth.clock.now);
        assert.equal(data.displayName, null);
      }
      assertRefused(await me(ben), 'session_expired');
      assertRefused((await auth.login('ben', PASSWORD)) as never, 'invalid_credentials');
      const stored = await auth.mongo.db.collection('users').findOne({ username: 'ben' });
      assert.equal(stored?.['removalSince'], auth.clock.now);
      const seen = (await act<AdminAccountDetails>('ben', root, 'GET')).data;
      assert.deepEqual(seen.sessions, []);
      assertRefused((await act('ben/revoke-sessions')) as never, 'not_found');
      assertRefused((await act('boss-of-all', root, 'DELETE')) as never, 'conflict');
      assertRefused((await act('no-such-user', root, 'DELETE')) as never, 'not_found');
    });

    it('delete a suspended account too, and end a log-in that is in progress', async () => {
      auth.hasher.hold();
      const login = auth.login('ben', PASSWORD);
      await auth.reached(() => auth.hasher.verified.length > 0);
      await act('ben/suspend');
      await act('ben', root, 'DELETE');
      auth.hasher.release();
      assertRefused((await login) as never, 'invalid_credentials');
      assert.equal(await liveSessions(), 0);
    });

    it('leave a line in the audit log each time', async () => {
      await act('ben', root, 'GET');
      await act('ben/revoke-sessions');
      await act('ben', root, 'DELETE');
      assert.deepEqual(
        audited().map(({ event }) => event),
        ['account_shown', 'account_sessions_revoked', 'account_deleted'],
      );
    });
  });

  describe('at the machine of the deployment', () => {
    const run = (args: readonly string[], env: Record<string, string> = {}) => {
      const given = { PARLEY_AUTH_URL: auth.url, PARLEY_SECRET: SECRET, ...env };
      return runCommand({ args, env: given, operator: 'the-user-of-the-machine' });
    };

    it('help and suspend with a command, which is in the audit log with who typed it', async () => {
      const shown = await run(['user', 'ben', 'show']);
      assert.equal((JSON.parse(shown.said) as AdminAccountDetails).id, ben.user.id);
      const origin = { PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org' };
      const reset = await run(['user', 'ben', 'reset-password'], origin);
      assert.match(reset.said, /"https:\/\/chat\.example\.org\/reset-password#[\w-]{43}"/);
      assert.equal((await run(['user', 'ben', 'suspend'])).code, 0);
      assertRefused((await auth.login('ben', PASSWORD)) as never, 'account_suspended');
      const { event, operator, target } = audited().at(-1) ?? {};
      assert.equal(event, 'account_suspended');
      assert.equal(operator, 'the-user-of-the-machine');
      assert.deepEqual(target, { user: 'ben', id: ben.user.id });
    });

    it('are told what is wrong and what to do', async () => {
      const usage = /^Usage: npm run admin -- user <username or id> show\|/;
      for (const args of [
        [],
        ['user', 'ben'],
        ['user', 'ben', 'promote'],
        ['group', 'x', 'show'],
      ]) {
        const { code, said } = await run(args);
        assert.equal(code, 2);
        assert.match(said, usage);
      }
      const cases = [
        [{}, /There is no such account\. Give the username/],
        [{ PARLEY_SECRET: 'another secret of thirty-two bytes' }, /PARLEY_SECRET must be the one/],
        [{ PARLEY_AUTH_URL: 'http://127.0.0.1:9' }, /does not answer at http:\/\/127\.0\.0\.1:9\./],
        [{ PARLEY_AUTH_URL: '', PARLEY_DATA_DIR: '/nowhere' }, /nothing runs in \/nowhere/],
      ] as const;
      for (const [env, why] of cases) {
        const { code, said } = await run(['user', 'no-such-user', 'show'], env);
        assert.equal(code, 1);
        assert.match(said, why);
      }
    });

    it('are not imitated over HTTP: only who has the secret of the services is heard', async () => {
      const body = { operation: 'admin:user-suspend', input: { user: 'ben' }, operator: 'root' };
      for (const token of [undefined, root.sessionToken, 'x'.repeat(43)]) {
        const answer = await auth.call('POST', '/internal/administration', { token, body });
        assertRefused(answer, 'unauthenticated');
      }
      const token = await auth.serviceToken({ kind: 'internal', audience: 'auth' });
      const other = { ...body, operation: 'me:delete' };
      const refused = await auth.call('POST', '/internal/administration', { token, body: other });
      assertRefused(refused, 'invalid_input');
      const smuggled = await auth.call('POST', '/admin/users/ben/suspend', {
        ...{ token: ben.sessionToken, body: { operator: 'root' } },
      });
      assertRefused(smuggled, 'forbidden');
      assert.equal((await me(ben)).status, 200);
    });
  });
});
