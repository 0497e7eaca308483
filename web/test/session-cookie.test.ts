import assert from 'node:assert/strict';

import { cookieOf } from './support/cookie.ts';
import { WebUnderTest, type KnownSession } from './support/web-under-test.ts';

const CREDENTIALS = { username: 'ann', password: 'secret words' };

describe('the session cookie', () => {
  let web: WebUnderTest;
  let session: KnownSession;

  before(async () => {
    web = await WebUnderTest.start({ PARLEY_TRUSTED_PROXIES: '127.0.0.1' });
  });

  beforeEach(async () => {
    session = await web.session();
    web.authSignsIn(session);
    web.auth.received.length = 0;
  });

  after(() => web.close());

  for (const { path, status } of [
    { path: '/bff/register', status: 201 },
    { path: '/bff/login', status: 200 },
  ]) {
    it(`is given by ${path}, and the page never sees the token`, async () => {
      const answer = await web.requestAsPage(path, { body: CREDENTIALS });
      assert.equal(answer.status, status);
      assert.deepEqual(answer.json(), {
        session: { id: session.id, expiresAt: session.expiresAt },
        user: { id: session.userId },
      });
      const { attributes, name, value } = cookieOf(answer);
      assert.equal(name, `parley-${web.port}`);
      assert.equal(value, session.token);
      assert.deepEqual([...attributes.keys()].sort(), ['httponly', 'max-age', 'path', 'samesite']);
      assert.equal(attributes.get('samesite'), 'Strict');
      assert.equal(attributes.get('path'), '/');
      const left = (session.expiresAt - Date.now()) / 1_000;
      assert.ok(Math.abs(Number(attributes.get('max-age')) - left) < 5);
    });
  }

  it('is bound to host and https if a trusted proxy reports https', async () => {
    const headers = { 'x-forwarded-proto': 'https', host: 'chat.example.org' };
    const { attributes, name } = cookieOf(
      await web.requestAsPage('/bff/login', { body: CREDENTIALS, headers }),
    );
    assert.equal(name, '__Host-parley');
    assert.ok(attributes.has('secure') && attributes.has('httponly'));
    assert.equal(attributes.get('path'), '/');
    assert.equal(attributes.has('domain'), false);
  });

  it('does not work on https under its name for http', async () => {
    const headers = { 'x-forwarded-proto': 'https', cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    assert.equal(answer.status, 401);
  });

  it('is renewed with a ticket', async () => {
    const headers = { cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    const { attributes, value } = cookieOf(answer);
    assert.equal(value, session.token);
    assert.ok(Number(attributes.get('max-age')) > 3_000);
  });

  it('is cleared by a logout, which ends the session at auth', async () => {
    const headers = { cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/logout', { method: 'POST', headers });
    assert.equal(answer.status, 204);
    assert.equal(cookieOf(answer).attributes.get('max-age'), '0');
    const { headers: sent, url } = web.auth.last;
    assert.equal(url, '/auth/logout');
    const token = sent.authorization?.slice('Bearer '.length) ?? '';
    const claims = await web.tokens.verify(token, { audience: 'auth', kind: 'service' });
    assert.equal(claims.sessionId, session.id);
    assert.equal(claims.userId, session.userId);
  });

  it('is cleared by a logout without a session, without asking auth', async () => {
    const answer = await web.requestAsPage('/bff/logout', { method: 'POST' });
    assert.equal(answer.status, 204);
    assert.equal(cookieOf(answer).value, '');
    assert.equal(web.auth.received.length, 0);
  });

  it('stays when auth cannot end the session', async () => {
    web.auth.answers((_received, response) => void response.writeHead(503).end());
    const headers = { cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/logout', { method: 'POST', headers });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  it('is cleared when its session has ended', async () => {
    await web.revoke(session);
    const headers = { cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/api/me', { headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.json()['code'], 'session_expired');
    assert.equal(cookieOf(answer).attributes.get('max-age'), '0');
    assert.equal(web.auth.received.length, 0);
  });

  it('is cleared when a service answers that its session has ended', async () => {
    const headers = { cookie: session.cookie };
    await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    await web.revoke(session);
    web.auth.answers(
      (_received, response) => void response.writeHead(401).end('{"code":"session_expired"}'),
    );
    const answer = await web.requestAsPage('/bff/api/me', { headers });
    assert.equal(answer.json()['code'], 'session_expired');
    assert.equal(cookieOf(answer).value, '');
  });

  it('stays when a password is wrong', async () => {
    web.auth.answers(
      (_received, response) => void response.writeHead(401).end('{"code":"invalid_credentials"}'),
    );
    const answer = await web.requestAsPage('/bff/api/auth/password', {
      headers: { cookie: session.cookie },
      body: { currentPassword: 'wrong', newPassword: 'other words' },
    });
    assert.equal(answer.status, 401);
    assert.equal(answer.json()['code'], 'invalid_credentials');
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  it('is not set when auth refuses, and the client gets the refusal unchanged', async () => {
    web.auth.answers((_received, response) => {
      response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '7' });
      response.end('{"code":"rate_limited"}');
    });
    const answer = await web.requestAsPage('/bff/login', { body: CREDENTIALS });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers['retry-after'], '7');
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json()['code'], 'rate_limited');
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  it('ends the session that a new login replaces', async () => {
    const former = await web.session();
    await web.requestAsPage('/bff/login', {
      body: CREDENTIALS,
      headers: { cookie: former.cookie },
    });
    assert.deepEqual(
      web.auth.received.map(({ url }) => url),
      ['/auth/login', '/auth/logout'],
    );
    const token = web.auth.last.headers.authorization?.slice('Bearer '.length) ?? '';
    const claims = await web.tokens.verify(token, { audience: 'auth', kind: 'service' });
    assert.equal(claims.sessionId, former.id);
  });

  it('logs in although the replaced session could not be ended', async () => {
    const former = await web.session();
    web.authSignsIn(session);
    const signIn = web.auth;
    web.auth.answers((received, response) => {
      if (received.url === '/auth/logout') return void response.destroy();
      response.end(
        JSON.stringify({
          sessionToken: session.token,
          session: { id: session.id, expiresAt: session.expiresAt },
          user: { id: session.userId },
        }),
      );
    });
    const answer = await web.requestAsPage('/bff/login', {
      body: CREDENTIALS,
      headers: { cookie: former.cookie },
    });
    assert.equal(answer.status, 200);
    assert.equal(cookieOf(answer).value, session.token);
    assert.equal(signIn.received.length, 2);
  });

  const broken = ['', 'short', 'x'.repeat(44), `${'x'.repeat(42)}"`, 'a.b.c', '{"$ne":null}'];
  for (const value of broken) {
    it(`is nobody's with the value ${JSON.stringify(value)}`, async () => {
      const headers = { cookie: `parley-${web.port}=${value}` };
      const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
      assert.equal(answer.status, 401);
      assert.equal(answer.json()['code'], 'unauthenticated');
    });
  }

  it('does not accept a service token', async () => {
    const { token } = await web.tokens.issue({
      kind: 'service',
      audience: 'auth',
      userId: session.userId,
      sessionId: session.id,
    });
    const headers = { cookie: `parley-${web.port}=${token}` };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    assert.equal(answer.status, 401);
  });
});
