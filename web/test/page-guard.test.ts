import assert from 'node:assert/strict';

import { WebUnderTest, type KnownSession } from './support/web-under-test.ts';

describe('the guard of the cookie side on https', () => {
  it('refuses pages of plain http of the same host', async () => {
    const web = await WebUnderTest.start({
      PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org',
      PARLEY_TRUSTED_PROXIES: '127.0.0.1',
    });
    try {
      const { token } = await web.session();
      const ticketStatus = async (origin: string, more: Record<string, string>) => {
        const headers = { cookie: `__Host-parley=${token}`, origin, ...more };
        return (await web.requestAsPage('/bff/ticket', { method: 'POST', headers })).status;
      };
      const host = { host: 'chat.example.org' };
      const secure = { host: 'inner.example', 'x-forwarded-proto': 'https' };
      assert.equal(await ticketStatus('https://chat.example.org', host), 200);
      assert.equal(await ticketStatus('http://chat.example.org', host), 403);
      assert.equal(await ticketStatus('https://inner.example', secure), 200);
      assert.equal(await ticketStatus('http://inner.example', secure), 403);
    } finally {
      await web.close();
    }
  });
});

describe('the guard of the cookie side', () => {
  let web: WebUnderTest;
  let session: KnownSession;

  before(async () => {
    web = await WebUnderTest.start({
      PARLEY_PUBLIC_ORIGIN: 'http://chat.example.org',
      PARLEY_ORIGINS: 'https://friend.example',
    });
    const stored = await web.session();
    session = { ...stored, cookie: `parley-80=${stored.token}` };
    web.authSignsIn(session);
  });

  after(() => web.close());

  const own = () => `http://127.0.0.1:${web.port}`;
  const paths: readonly { method: string; path: string }[] = [
    { method: 'POST', path: '/bff/register' },
    { method: 'POST', path: '/bff/login' },
    { method: 'POST', path: '/bff/logout' },
    { method: 'POST', path: '/bff/ticket' },
    { method: 'GET', path: '/bff/api/me' },
    { method: 'PATCH', path: '/bff/api/me' },
    { method: 'POST', path: '/bff/api/conversations' },
  ];

  const refused: readonly { name: string; headers: Record<string, string> }[] = [
    { name: 'without the header', headers: {} },
    { name: 'with another value of the header', headers: { 'x-parley': '2' } },
    { name: 'from a foreign origin', headers: { 'x-parley': '1', origin: 'https://evil.example' } },
    {
      name: 'from an origin that only the API knows',
      headers: { 'x-parley': '1', origin: 'https://friend.example' },
    },
    { name: 'from an opaque origin', headers: { 'x-parley': '1', origin: 'null' } },
    { name: 'from another site', headers: { 'x-parley': '1', 'sec-fetch-site': 'cross-site' } },
    {
      name: 'from another host of the same site',
      headers: { 'x-parley': '1', 'sec-fetch-site': 'same-site' },
    },
    { name: 'typed by a person', headers: { 'x-parley': '1', 'sec-fetch-site': 'none' } },
  ];

  for (const { method, path } of paths) {
    for (const { headers, name } of refused) {
      it(`refuses ${method} ${path} ${name}`, async () => {
        web.auth.received.length = 0;
        web.messaging.received.length = 0;
        const body =
          method === 'GET' ? {} : { body: { username: 'ann', password: 'secret words' } };
        const answer = await web.request(path, {
          method,
          headers: { ...headers, cookie: session.cookie },
          ...body,
        });
        assert.equal(answer.status, 403);
        assert.equal(answer.json()['code'], 'forbidden');
        assert.equal(answer.headers['set-cookie'], undefined);
        assert.equal(web.auth.received.length + web.messaging.received.length, 0);
      });
    }
  }

  it('accepts the page of the host that the request names', async () => {
    const headers = { cookie: session.cookie, origin: own(), 'sec-fetch-site': 'same-origin' };
    assert.equal((await web.requestAsPage('/bff/ticket', { method: 'POST', headers })).status, 200);
  });

  it('accepts the page of the public origin', async () => {
    const headers = { cookie: session.cookie, origin: 'http://chat.example.org' };
    assert.equal((await web.requestAsPage('/bff/ticket', { method: 'POST', headers })).status, 200);
  });

  it('ignores Authorization', async () => {
    const headers = { authorization: `Bearer ${session.token}` };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.json()['code'], 'unauthenticated');
  });

  it('never sends CORS headers, whatever the service behind says', async () => {
    web.messaging.answers((_received, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.end('{}');
    });
    const answer = await web.requestAsPage('/bff/api/conversations', {
      headers: { cookie: session.cookie, origin: own() },
    });
    const preflight = await web.request('/bff/api/conversations', {
      method: 'OPTIONS',
      headers: { origin: 'https://friend.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(answer.status, 200);
    assert.equal(preflight.status, 403);
    for (const { headers } of [answer, preflight]) {
      const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
      assert.deepEqual(cors, []);
    }
  });

  it('counts what it refuses', async () => {
    await web.request('/bff/ticket', { method: 'POST' });
    assert.match(await web.metrics(), /parley_web_guard_refusals_total\{reason="header",.*\} \d+/);
  });
});
