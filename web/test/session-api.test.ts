import assert from 'node:assert/strict';
import type { AppError } from '@parley/common';

import { answerJson, answerProblem } from './support/stand-in.ts';
import { WebUnderTest, type KnownSession } from './support/web-under-test.ts';

const bearer = (header: string | undefined) => header?.replace(/^Bearer /, '') ?? '';

describe('tickets', () => {
  let web: WebUnderTest;
  let session: KnownSession;

  before(async () => {
    web = await WebUnderTest.start({}, { monotonic: () => 0 });
    session = await web.session();
  });

  after(() => web.close());

  const ticket = async () => {
    const headers = { cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    assert.equal(answer.status, 200);
    return answer.json() as { ticket: string; expiresAt: number };
  };

  it('open a socket of messaging for the session of the cookie, for 30 s', async () => {
    const { expiresAt, ticket: token } = await ticket();
    const claims = await web.tokens.verify(token, { audience: 'messaging', kind: 'ticket' });
    assert.equal(claims.sessionId, session.id);
    assert.equal(claims.userId, session.userId);
    assert.ok(expiresAt > Date.now() + 25_000 && expiresAt <= Date.now() + 30_000);
  });

  it('are refused as bearer tokens and by auth', async () => {
    const { ticket: token } = await ticket();
    const refused = (error: AppError) => error.code === 'unauthenticated';
    await assert.rejects(
      web.tokens.verify(token, { audience: 'messaging', kind: 'service' }),
      refused,
    );
    await assert.rejects(web.tokens.verify(token, { audience: 'auth', kind: 'ticket' }), refused);
  });

  it('are not given without a cookie', async () => {
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST' });
    assert.equal(answer.status, 401);
    assert.equal(answer.json()['code'], 'unauthenticated');
  });

  it('are given by POST only', async () => {
    const answer = await web.requestAsPage('/bff/ticket', { headers: { cookie: session.cookie } });
    assert.equal(answer.status, 405);
  });

  it('are rate limited per user', async () => {
    const other = await web.session();
    const asked = Array.from({ length: 101 }, () =>
      web.requestAsPage('/bff/ticket', { method: 'POST', headers: { cookie: other.cookie } }),
    );
    const limited = (await Promise.all(asked)).filter(({ status }) => status !== 200);
    assert.equal(limited.length, 1);
    assert.equal(limited[0]!.status, 429);
    assert.equal(limited[0]!.headers['retry-after'], '1');
    await ticket();
  });
});

describe('the API for the session of the cookie', () => {
  let web: WebUnderTest;
  let session: KnownSession;
  let cookie: { cookie: string };

  before(async () => {
    web = await WebUnderTest.start();
    session = await web.session();
    cookie = { cookie: session.cookie };
  });

  beforeEach(() => {
    for (const service of [web.auth, web.messaging]) {
      service.received.length = 0;
      service.answers((_received, response) => answerJson(response, 200, {}));
    }
  });

  after(() => web.close());

  for (const { audience, path } of [
    { audience: 'auth', path: '/me' },
    { audience: 'auth', path: '/users?prefix=an' },
    { audience: 'auth', path: '/auth/sessions' },
    { audience: 'messaging', path: '/conversations?limit=5' },
    { audience: 'messaging', path: '/conversations/c1/messages' },
  ] as const) {
    it(`asks ${audience} for ${path} with a token for ${audience} alone`, async () => {
      const answer = await web.requestAsPage(`/bff/api${path}`, { headers: cookie });
      assert.equal(answer.status, 200);
      const { headers, method, url } = web[audience].last;
      assert.equal(method, 'GET');
      assert.equal(url, path);
      assert.equal(headers.cookie, undefined);
      const token = bearer(headers.authorization);
      const claims = await web.tokens.verify(token, { audience, kind: 'service' });
      assert.equal(claims.sessionId, session.id);
      assert.equal(claims.userId, session.userId);
      const other = audience === 'auth' ? 'messaging' : 'auth';
      await assert.rejects(web.tokens.verify(token, { audience: other, kind: 'service' }));
    });
  }

  it('sends bodies as they are and answers with what the service answers', async () => {
    const body = { kind: 'direct', userId: 'u1', text: 'é\u{1f600}' };
    web.messaging.answers((_received, response) => answerJson(response, 201, { id: 'c1' }));
    const answer = await web.requestAsPage('/bff/api/conversations', { headers: cookie, body });
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.json(), { id: 'c1' });
    assert.equal(web.messaging.last.body, JSON.stringify(body));
    assert.equal(web.messaging.last.headers['content-type'], 'application/json');
  });

  it('is unavailable, not logged out, if a service does not accept its tokens for a valid session', async () => {
    web.auth.answers((_received, response) => answerProblem(response, 401, 'unauthenticated'));
    const answer = await web.requestAsPage('/bff/api/me', { headers: cookie });
    assert.deepEqual([answer.status, answer.json()['code']], [503, 'unavailable']);
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  it('passes on that a password is wrong', async () => {
    web.auth.answers((_received, response) => answerProblem(response, 401, 'invalid_credentials'));
    const path = '/bff/api/auth/password';
    const answer = await web.requestAsPage(path, {
      headers: cookie,
      body: { currentPassword: 'x' },
    });
    assert.deepEqual([answer.status, answer.json()['code']], [401, 'invalid_credentials']);
  });

  it('answers 204 where the service does', async () => {
    web.auth.answers((_received, response) => void response.writeHead(204).end());
    const answer = await web.requestAsPage('/bff/api/auth/password', { headers: cookie, body: {} });
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assert.equal(web.auth.last.url, '/auth/password');
  });

  it('replaces an Authorization header by its own', async () => {
    const headers = { ...cookie, authorization: 'Bearer somebody-else' };
    await web.requestAsPage('/bff/api/me', { headers });
    assert.notEqual(web.auth.last.headers.authorization, headers.authorization);
    assert.equal((await web.requestAsPage('/bff/api/meta', { headers })).status, 200);
    assert.equal(web.auth.last.headers.authorization, undefined);
  });

  it('answers what needs no login without a cookie', async () => {
    assert.equal((await web.requestAsPage('/bff/api/meta')).status, 200);
    assert.equal((await web.requestAsPage('/bff/api/me')).status, 401);
    assert.equal(web.auth.received.length, 1);
  });

  // These would hand the session token to the page, or end the session without taking the cookie away.
  for (const path of [
    '/auth/login',
    '/auth/register',
    '/auth/logout',
    '/auth/login/',
    '/auth//login',
    '/Auth/Login',
    '/auth/%6cogin',
    '/auth/x/../login',
    '/auth/sessions/..%2flogin',
    '/users/..',
    '/users/%2e%2e',
    '/internal/sessions',
    '/healthz',
    '/readyz',
    '/socket.io/',
    '/nothing',
    '/',
    '/%',
    '/users/a%00b',
    '//evil.example/me',
  ]) {
    it(`does not know ${path}`, async () => {
      const answers = await Promise.all([
        web.requestAsPage(`/bff/api${path}`, {
          headers: cookie,
          body: { username: 'a', password: 'b' },
        }),
        web.requestAsPage(`/bff/api${path}`, { headers: cookie }),
      ]);
      for (const { status } of answers) assert.equal(status, 404);
      assert.equal(web.auth.received.length + web.messaging.received.length, 0);
    });
  }

  it('distinguishes a wrong method from an unknown path', async () => {
    const answer = await web.requestAsPage('/bff/api/me', { method: 'PUT', headers: cookie });
    assert.equal(answer.status, 405);
    assert.equal(answer.json()['code'], 'method_not_allowed');
  });

  it('does not know other paths of the cookie side', async () => {
    assert.equal((await web.requestAsPage('/bff/else', { method: 'POST' })).status, 404);
  });
});
