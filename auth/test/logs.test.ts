import assert from 'node:assert/strict';

import { AuthService, PASSWORD, type Given, type SignedIn } from './support/auth-service.ts';

describe('logs and answers', () => {
  it('never contain passwords, tokens or hashes, whatever happens', async () => {
    const auth = await AuthService.start();
    try {
      const { sessionToken: token, session, user } = await auth.register('alice');
      const planted = [PASSWORD, token, 'a wrong secret', 'the next secret', 'typed-as-username'];
      const answers: string[] = [];
      const call = async (method: string, path: string, given: Given = {}) => {
        const { data } = await auth.call(method, path, given);
        const { sessionToken, ...rest } = data as unknown as SignedIn;
        if (typeof sessionToken === 'string') planted.push(sessionToken);
        answers.push(JSON.stringify(rest));
      };
      await call('POST', '/auth/login', { body: { username: 'alice', password: PASSWORD } });
      await call('POST', '/auth/login', {
        body: { username: 'alice', password: 'a wrong secret' },
      });
      await call('POST', '/auth/login', { body: { username: 'typed-as-username', password: 'x' } });
      await call('POST', '/auth/login', { body: `{"password":"a wrong secret",` });
      await call('POST', '/auth/login', {
        body: { username: 'alice', password: ['a wrong secret'] },
      });
      await call('POST', '/auth/login', {
        body: { username: 'alice', password: 'a wrong secret', x: 1 },
      });
      await call('POST', '/auth/register', {
        body: { username: 'alice', password: 'a wrong secret' },
      });
      const change = { currentPassword: PASSWORD, newPassword: 'the next secret' };
      const mistaken = { ...change, currentPassword: 'a wrong secret' };
      await call('POST', '/auth/password', { token, body: mistaken });
      await call('POST', '/auth/password', { token, body: change });
      const service = await auth.serviceToken({
        kind: 'service',
        audience: 'auth',
        userId: user.id,
        sessionId: session.id,
      });
      planted.push(service);
      await call('GET', '/me', { token: service });
      await call('GET', '/me', { token: `${token}x` });
      await call('GET', '/auth/sessions', { token });
      await call('GET', `/users?prefix=al&token=${token}`, { token });
      // A failure that nobody foresaw is logged with all that is known of it.
      await auth.mongo.db.collection('sessions').drop();
      await auth.mongo.db.createCollection('sessions', { validator: { never: { $exists: true } } });
      await call('POST', '/auth/login', {
        body: { username: 'alice', password: 'the next secret' },
      });
      await call('POST', '/auth/logout', { token });

      const logged = auth.log.lines.join('');
      assert.match(logged, /"event":"login_refused"/);
      assert.match(logged, /A request failed/);
      assert.ok(answers.some((answer) => answer.includes('"code":"internal"')));
      for (const secret of planted) {
        assert.ok(!logged.includes(secret), `logged: ${secret}`);
        assert.ok(!answers.join('').includes(secret), `answered: ${secret}`);
      }
      assert.doesNotMatch(logged, /fake\$1|tokenHash/);
      assert.doesNotMatch(answers.join(''), /fake\$1|[hH]ash/);
    } finally {
      await auth.drop();
    }
  });

  it('carry the id of the request', async () => {
    const auth = await AuthService.start();
    try {
      const headers = { 'x-request-id': 'request-of-alice' };
      const body = { username: 'alice', password: 'wrong password' };
      await auth.call('POST', '/auth/login', { body, headers });
      const refusal = auth.log.lines.find((line) => line.includes('login_refused'));
      assert.match(refusal ?? '', /"requestId":"request-of-alice"/);
      assert.match(refusal ?? '', /"result":"wrong"/);
    } finally {
      await auth.drop();
    }
  });

  it('name who has logged in, registered, changed the password or was refused, and from where', async () => {
    const auth = await AuthService.start();
    try {
      const { session, sessionToken: token, user } = await auth.register('alice');
      const second = (await auth.login('alice', PASSWORD)).data.session;
      const wrong = { username: 'Alice', password: 'wrong password' };
      await auth.call('POST', '/auth/login', { body: wrong });
      await auth.call('POST', '/auth/login', { body: { ...wrong, username: 'nobody-here' } });
      const change = { currentPassword: PASSWORD, newPassword: 'the next secret' };
      const body = { ...change, currentPassword: 'wrong password' };
      await auth.call('POST', '/auth/password', { token, body });
      await auth.call('POST', '/auth/password', { token, body: change });
      const events = auth.log.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ event }) => event !== undefined);
      const shown = events.map(({ event, result, code, userId, sessionId }) => {
        return [event, result ?? code, userId, sessionId];
      });
      assert.deepEqual(shown, [
        ['registration', undefined, user.id, session.id],
        ['login', undefined, user.id, second.id],
        ['login_refused', 'wrong', user.id, undefined],
        ['login_refused', 'wrong', undefined, undefined],
        ['password_change_refused', 'invalid_credentials', user.id, session.id],
        ['password_changed', undefined, user.id, session.id],
      ]);
      for (const each of events) {
        assert.match(String(each['address']), /^[\d.:a-f]+$/);
        assert.match(String(each['requestId']), /^[\w-]{8,}$/);
      }
    } finally {
      await auth.drop();
    }
  });
});
