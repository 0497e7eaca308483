import assert from 'node:assert/strict';

import { WebUnderTest } from './support/web-under-test.ts';

/** What Java's `HttpClient` sends with each request. */
const H2C = {
  connection: 'Upgrade, HTTP2-Settings',
  upgrade: 'h2c',
  'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
};

describe('a request that asks for HTTP/2', () => {
  let web: WebUnderTest;

  before(async () => {
    web = await WebUnderTest.start();
  });

  beforeEach(() => {
    web.auth.received.length = 0;
    web.messaging.received.length = 0;
  });

  after(() => web.close());

  it('is answered over HTTP/1.1, with its body and without the fields of the upgrade', async () => {
    const body = '{"text":"hello"}';
    const answer = await web.request('/api/conversations', {
      body,
      headers: {
        ...H2C,
        'content-type': 'application/json',
        'content-length': String(body.length),
      },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { ok: true });
    const { body: received, headers } = web.messaging.last;
    assert.equal(received, body);
    assert.equal(headers.upgrade, undefined);
    assert.equal(headers['http2-settings'], undefined);
  });

  it('reaches every kind of path', async () => {
    const accept = { accept: 'text/html' };
    assert.equal((await web.request('/api/me', { headers: H2C })).status, 200);
    assert.equal((await web.request('/healthz', { headers: H2C })).status, 200);
    assert.equal((await web.request('/', { headers: { ...H2C, ...accept } })).status, 200);
    assert.equal((await web.request('/bff/ticket', { headers: H2C, method: 'POST' })).status, 403);
  });

  it('is a request like any other whatever it asks for besides a WebSocket', async () => {
    for (const upgrade of ['H2C', 'TLS/1.0', 'HTTP/2.0', 'h2c, websocket', 'websocket2', 'x']) {
      const headers = { ...H2C, upgrade };
      assert.equal((await web.request('/api/conversations', { headers })).status, 200, upgrade);
      assert.equal(web.messaging.last.headers.upgrade, undefined);
    }
  });

  it('at the path of the socket is a request like any other', async () => {
    const path = '/socket.io/?EIO=4&transport=polling';
    assert.equal((await web.request(path, { headers: H2C })).status, 200);
    assert.equal(web.messaging.last.url, path);
  });

  it('keeps the limit of bodies', async () => {
    const answer = await web.request('/api/conversations', {
      body: Buffer.alloc(128 * 1024 + 1, ' '),
      headers: H2C,
    });
    assert.equal(answer.status, 413);
    assert.equal(web.messaging.received.length, 0);
  });
});
