import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { ServiceTokens } from '@parley/backend-common';
import { HOUR } from '@parley/common';
import type { AdminAccountDetails, AuthOperations, OutputOf } from '@parley/common/contract';

import { runCommand } from '../src/command/command.ts';
import {
  AuthService,
  PASSWORD,
  SECRET,
  assertRefused,
  type SignedIn,
} from './support/auth-service.ts';
import { administrationCalls, startAdministration } from './support/administration.ts';

describe('administrators', () => {
  let auth: AuthService;
  let root: SignedIn;
  let ben: SignedIn;
  const { act, audited, liveSessions, me } = administrationCalls(() => ({ auth, root, ben }));
  beforeEach(async () => {
    ({ auth, root, ben } = await startAdministration());
  });
  afterEach(() => auth.drop());

  describe('who look after an account', () => {
    it('see its sessions and devices, but no secrets', async () => {
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
      assertRefused(await act('no-such-user', root, 'GET'), 'not_found');
    });

    it('end all its sessions, after which the user can log in again', async () => {
      assert.equal((await act('ben/revoke-sessions')).status, 200);
      assertRefused(await me(ben), 'session_expired');
      assert.equal((await auth.login('ben', PASSWORD)).status, 200);
      assertRefused(await act('no-such-user/revoke-sessions'), 'not_found');
    });

    it('delete it completely, as its user can, but cannot delete their own', async () => {
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
      assertRefused(await act('ben/revoke-sessions'), 'not_found');
      assertRefused(await act('boss-of-all', root, 'DELETE'), 'conflict');
      assertRefused(await act('no-such-user', root, 'DELETE'), 'not_found');
    });

    it('can delete a suspended account, which ends a login in progress', async () => {
      auth.hasher.hold();
      const login = auth.login('ben', PASSWORD);
      await auth.reached(() => auth.hasher.verified.length > 0);
      await act('ben/suspend');
      await act('ben', root, 'DELETE');
      auth.hasher.release();
      assertRefused((await login) as never, 'invalid_credentials');
      assert.equal(await liveSessions(), 0);
    });

    it('are recorded in the audit log with each operation', async () => {
      await act('ben', root, 'GET');
      await act('ben/revoke-sessions');
      await act('ben', root, 'DELETE');
      assert.deepEqual(
        audited().map(({ event }) => event),
        ['account_shown', 'account_sessions_revoked', 'account_deleted'],
      );
    });
  });

  describe('who create an account', () => {
    type Created = OutputOf<AuthOperations['admin:user-create']> & Record<string, unknown>;
    const create = (body: object, token = root.sessionToken) =>
      auth.call<Created>('POST', '/admin/users', { token, body });
    const setPassword = (link: string) =>
      auth.call('POST', '/auth/password-reset', {
        body: { token: link.split('#')[1], password: PASSWORD },
      });

    it('get a link, and nobody can log in before its user has set a password with it', async () => {
      const { data, status } = await create({ username: 'Cleo', displayName: 'Cleo' });
      assert.equal(status, 201);
      assert.equal(data.username, 'cleo');
      assert.equal(data.displayName, 'Cleo');
      assert.equal(data.expiresAt, auth.clock.now + HOUR);
      for (const guess of [PASSWORD, '', data.link, data.id]) {
        assert.notEqual((await auth.login('cleo', guess)).status, 200);
      }
      assert.equal((await setPassword(data.link)).status, 204);
      const { user } = (await auth.login('cleo', PASSWORD)).data;
      assert.equal(user.id, data.id);
      assert.deepEqual(user.privacy, ben.user.privacy);
      assertRefused(await setPassword(data.link), 'reset_token_invalid');
    });

    it('do so where registration is closed, and get another link if the first is lost', async () => {
      await auth.stop();
      const env = { PARLEY_ADMINS: 'boss-of-all', PARLEY_REGISTRATION: 'closed' };
      auth = await AuthService.start({ mongo: auth.mongo, env });
      const { data } = await create({ username: 'dora' });
      assert.equal(data.displayName, null);
      const { link } = (await act<Created>('dora/password-reset')).data;
      assertRefused(await setPassword(data.link), 'reset_token_invalid');
      assert.equal((await setPassword(link)).status, 204);
    });

    it('are refused a name that somebody has or had, one that is reserved, and a bad one', async () => {
      await act('ben', root, 'DELETE');
      for (const username of ['boss-of-all', 'BEN', 'parley-support', 'admin']) {
        assertRefused(await create({ username }), 'username_taken');
      }
      for (const body of [{}, { username: 'x' }, { username: 'cleo', password: PASSWORD }]) {
        assertRefused(await create(body), 'invalid_input');
      }
      const refused = await create({ username: 'cleo', displayName: 'Parley Support' });
      assertRefused(refused, 'invalid_input');
      assert.equal(await auth.mongo.db.collection('users').countDocuments(), 2);
    });

    it('are the only ones who can give somebody a name that the configuration lists', async () => {
      const { data } = await create({ username: 'nobody-yet' });
      assert.equal((await setPassword(data.link)).status, 204);
      const next = (await auth.login('nobody-yet', PASSWORD)).data;
      assert.equal((await act('ben', next, 'GET')).status, 200);
    });

    it('create one of several that are asked for at the same time', async () => {
      const answers = await Promise.all([1, 2, 3].map(() => create({ username: 'cleo' })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409]);
    });

    it('leave a line in the audit log with the name and the id, and no line has the link', async () => {
      const { data } = await create({ username: 'cleo' });
      await create({ username: 'cleo' });
      const [created, refused] = audited();
      assert.equal(created?.['event'], 'account_created');
      assert.deepEqual(created['target'], { username: 'cleo', id: data.id });
      assert.equal(refused?.['code'], 'username_taken');
      assert.deepEqual(refused['target'], { username: 'cleo' });
      assert.doesNotMatch(auth.log.lines.join(), new RegExp(data.link.split('#')[1] ?? ''));
    });
  });

  describe('who have the secret of the deployment', () => {
    const run = (args: readonly string[], env: Record<string, string> = {}) => {
      const given = { PARLEY_AUTH_URL: auth.url, PARLEY_SECRET: SECRET, ...env };
      return runCommand({ args, env: given, operator: 'the-user-of-the-machine' });
    };

    it('can use a command, and the audit log names the user who typed it', async () => {
      const shown = await run(['user', 'ben', 'show']);
      assert.equal((JSON.parse(shown.output) as AdminAccountDetails).id, ben.user.id);
      const origin = { PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org' };
      const reset = await run(['user', 'ben', 'reset-password'], origin);
      assert.match(reset.output, /"https:\/\/chat\.example\.org\/reset-password#[\w-]{43}"/);
      assert.equal((await run(['user', 'ben', 'suspend'])).code, 0);
      assertRefused((await auth.login('ben', PASSWORD)) as never, 'account_suspended');
      const { event, operator, target } = audited().at(-1) ?? {};
      assert.equal(event, 'account_suspended');
      assert.equal(operator, 'the-user-of-the-machine');
      assert.deepEqual(target, { user: 'ben', id: ben.user.id });
    });

    it('create an account, also that of the first administrator', async () => {
      const { code, output } = await run(['user', 'nobody-yet', 'create']);
      assert.equal(code, 0);
      const { link, username } = JSON.parse(output) as { link: string; username: string };
      assert.equal(username, 'nobody-yet');
      assert.match(link, /^\/reset-password#[\w-]{43}$/);
      const again = await run(['user', 'nobody-yet', 'create']);
      assert.equal(again.code, 1);
      assert.match(again.output, /already|taken/i);
      assert.match(again.output, /Choose another/);
    });

    it('are told what is wrong and what to do', async () => {
      const usage = /^Usage: npm run admin -- user <username or id> show\|/;
      for (const args of [
        [],
        ['user', 'ben'],
        ['user', 'ben', 'promote'],
        ['group', 'x', 'show'],
        ['conversation', 'x'],
        ['conversation', 'x', 'toString'],
        ['push', 'ben', 'send'],
        ['stats', 'all'],
      ]) {
        const { code, output } = await run(args);
        assert.equal(code, 2);
        assert.match(output, usage);
      }
      const cases = [
        [{}, /There is no such account\. Give the username/],
        [{ PARLEY_SECRET: 'another secret of thirty-two bytes' }, /PARLEY_SECRET must be the one/],
        [{ PARLEY_AUTH_URL: 'http://127.0.0.1:9' }, /does not answer at http:\/\/127\.0\.0\.1:9\./],
        [{ PARLEY_AUTH_URL: '', PARLEY_DATA_DIR: '/nowhere' }, /nothing runs in \/nowhere/],
      ] as const;
      for (const [env, why] of cases) {
        const { code, output } = await run(['user', 'no-such-user', 'show'], env);
        assert.equal(code, 1);
        assert.match(output, why);
      }
      const { output } = await run(['user', 'b!', 'create']);
      assert.match(output, /^The input is not valid: username: .+\.$/);
    });

    it('reach messaging with the same command', async () => {
      const asked = [
        [['stats'], 'admin:stats', {}],
        [['push', 'ben', 'show'], 'admin:push', { user: 'ben' }],
        [['conversation', 'c', 'show'], 'admin:conversation', { conversationId: 'c' }],
        [['conversation', 'c', 'members'], 'admin:conversation-members', { conversationId: 'c' }],
      ] as const;
      const tokens = new ServiceTokens({ secret: SECRET, now: Date.now });
      const heard: unknown[] = [];
      const messaging = createServer((incoming, response) => {
        void (async () => {
          const token = incoming.headers.authorization?.replace('Bearer ', '') ?? '';
          await tokens.verify(token, { audience: 'messaging', kind: 'internal' });
          assert.equal(incoming.url, '/internal/administration');
          heard.push(await json(incoming));
          response.setHeader('content-type', 'application/json').end('{"accounts":3}');
        })();
      });
      messaging.listen(0, '127.0.0.1');
      await once(messaging, 'listening');
      const { port } = messaging.address() as AddressInfo;
      const env = { PARLEY_MESSAGING_URL: `http://127.0.0.1:${port}/, http://127.0.0.1:9` };
      for (const [args] of asked) {
        assert.deepEqual(await run(args, env), { code: 0, output: '{\n  "accounts": 3\n}' });
      }
      const operator = 'the-user-of-the-machine';
      const expected = asked.map(([, operation, input]) => ({ operation, input, operator }));
      assert.deepEqual(heard, expected);
      messaging.close();
      messaging.closeAllConnections();
      const { output } = await run(['stats'], { PARLEY_MESSAGING_URL: 'http://127.0.0.1:9' });
      assert.match(output, /messaging does not answer .* PARLEY_MESSAGING_URL names it/);
    });

    it('are the only callers of the internal route', async () => {
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
