import assert from 'node:assert/strict';

import { cookieOf } from './support/cookie.ts';
import { WebUnderTest, type KnownSession } from './support/web-under-test.ts';

const CREDENTIALS = { username: 'ann', password: 'secret words' };

describe('the name of the session cookie', () => {
  let web: WebUnderTest;

  before(async () => {
    web = await WebUnderTest.start();
  });

  after(() => web.close());

  for (const [host, name] of [
    ['127.0.0.1:8081', 'parley-8081'],
    ['127.0.0.1:8082', 'parley-8082'],
    ['[::1]:8083', 'parley-8083'],
    ['localhost', 'parley-80'],
  ] as const) {
    it(`has the port that ${host} names, whatever port the service listens on`, async () => {
      const session = await web.session();
      web.authSignsIn(session);
      const login = await web.requestAsPage('/bff/login', { body: CREDENTIALS, headers: { host } });
      assert.equal(cookieOf(login).name, name);
      const ticket = (cookie: string) =>
        web.requestAsPage('/bff/ticket', { method: 'POST', headers: { host, cookie } });
      assert.equal((await ticket(`${name}=${session.token}`)).status, 200);
      assert.equal((await ticket(`parley-1=${session.token}`)).status, 401);
    });
  }

  it('is given to nobody if Host is malformed', async () => {
    web.authSignsIn(await web.session());
    const headers = { host: 'a b' };
    const login = await web.requestAsPage('/bff/login', { body: CREDENTIALS, headers });
    assert.equal(login.status, 400);
    assert.equal(login.headers['set-cookie'], undefined);
  });
});

describe('the name of the session cookie on https', () => {
  let web: WebUnderTest;
  let session: KnownSession;

  before(async () => {
    web = await WebUnderTest.start({ PARLEY_TRUSTED_PROXIES: '127.0.0.1' });
  });

  beforeEach(async () => {
    session = await web.session();
    web.authSignsIn(session);
  });

  after(() => web.close());

  const at = (host: string, cookie?: string) => ({
    headers: { host, 'x-forwarded-proto': 'https', ...(cookie && { cookie }) },
  });
  const ticket = (host: string, cookie: string) =>
    web.requestAsPage('/bff/ticket', { method: 'POST', ...at(host, cookie) });

  for (const [host, name] of [
    ['chat.example.org', '__Host-parley'],
    ['chat.example.org:443', '__Host-parley'],
    ['chat.example.org:8443', '__Host-parley-8443'],
    ['chat.example.org:9443', '__Host-parley-9443'],
    ['chat.example.org:80', '__Host-parley-80'],
    ['[::1]:8444', '__Host-parley-8444'],
  ] as const) {
    it(`has the port that ${host} names, unless it is 443`, async () => {
      const login = cookieOf(
        await web.requestAsPage('/bff/login', { body: CREDENTIALS, ...at(host) }),
      );
      assert.equal(login.name, name);
      assert.ok(login.attributes.has('secure'));
      assert.equal((await ticket(host, `${name}=${session.token}`)).status, 200);
      assert.equal((await ticket(host, `__Host-parley-1=${session.token}`)).status, 401);
    });
  }

  it('is the new one after a ticket for a cookie of an earlier version', async () => {
    const answer = await ticket('chat.example.org:8443', `__Host-parley=${session.token}`);
    assert.equal(answer.status, 200);
    const { name, value } = cookieOf(answer);
    assert.deepEqual({ name, value }, { name: '__Host-parley-8443', value: session.token });
  });

  it('is never that of a server at another port, which stays signed in', async () => {
    const other = await web.session();
    const both = `__Host-parley=${other.token}; __Host-parley-8443=${session.token}`;
    const logout = await web.requestAsPage('/bff/logout', {
      method: 'POST',
      ...at('chat.example.org:8443', both),
    });
    assert.equal(cookieOf(logout).name, '__Host-parley-8443');
    const token = web.auth.last.headers.authorization?.slice('Bearer '.length) ?? '';
    const claims = await web.tokens.verify(token, { audience: 'auth', kind: 'service' });
    assert.equal(claims.sessionId, session.id);
    const unknown = await ticket('chat.example.org:9443', `__Host-parley=${'x'.repeat(43)}`);
    assert.equal(unknown.status, 401);
    assert.equal(cookieOf(unknown).name, '__Host-parley-9443');
    assert.equal((await ticket('chat.example.org', both)).status, 200);
  });
});

describe('the session cookie behind a public https origin with a port', () => {
  it('has the port of that origin, whatever Host says', async () => {
    const web = await WebUnderTest.start({ PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org:8443' });
    try {
      web.authSignsIn(await web.session());
      const headers = { origin: 'https://chat.example.org:8443', host: 'inner:3000' };
      const { name } = cookieOf(
        await web.requestAsPage('/bff/login', { body: CREDENTIALS, headers }),
      );
      assert.equal(name, '__Host-parley-8443');
    } finally {
      await web.close();
    }
  });
});

describe('the session cookie behind a public https origin', () => {
  let web: WebUnderTest;

  before(async () => {
    web = await WebUnderTest.start({ PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org' });
  });

  after(() => web.close());

  it('carries the __Host- prefix and Secure', async () => {
    web.authSignsIn(await web.session());
    const { attributes, name } = cookieOf(
      await web.requestAsPage('/bff/login', { body: CREDENTIALS }),
    );
    assert.equal(name, '__Host-parley');
    assert.ok(attributes.has('secure'));
  });
});

describe('the session cookie without trusted proxies', () => {
  let web: WebUnderTest;

  before(async () => {
    web = await WebUnderTest.start();
  });

  after(() => web.close());

  it('ignores a client that claims https', async () => {
    web.authSignsIn(await web.session());
    const headers = { 'x-forwarded-proto': 'https' };
    const { attributes, name } = cookieOf(
      await web.requestAsPage('/bff/login', { body: CREDENTIALS, headers }),
    );
    assert.equal(name, `parley-${web.port}`);
    assert.equal(attributes.has('secure'), false);
  });
});
