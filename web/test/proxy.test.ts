import assert from 'node:assert/strict';

import { answerJson } from './support/stand-in.ts';
import { rawConnection, saidUntil } from './support/upgrading.ts';
import { WebUnderTest } from './support/web-under-test.ts';

describe('the public API through the one origin', () => {
  let web: WebUnderTest;

  before(async () => {
    web = await WebUnderTest.start({ PARLEY_ORIGINS: 'https://friend.example' });
  });

  beforeEach(() => {
    for (const service of [web.auth, web.messaging]) {
      service.received.length = 0;
      service.answers((_received, response) => answerJson(response, 200, { ok: true }));
    }
  });

  after(() => web.close());

  for (const path of [
    '/auth/login',
    '/me',
    '/users',
    '/users/u1',
    '/users?prefix=an',
    '/meta',
    '/admin/users',
    '/admin/users/ben',
  ]) {
    it(`asks auth for ${path}`, async () => {
      assert.equal((await web.request(`/api${path}`)).status, 200);
      assert.equal(web.auth.last.url, path);
    });
  }

  for (const path of [
    '/conversations',
    '/sync',
    '/status',
    '/members',
    '/conversations/c/messages?before=7',
  ]) {
    it(`asks messaging for ${path}`, async () => {
      assert.equal((await web.request(`/api${path}`)).status, 200);
      assert.equal(web.messaging.last.url, path);
    });
  }

  it('passes the token on, and no cookies in either direction', async () => {
    web.auth.answers((_received, response) => {
      response.setHeader('set-cookie', 'a=b');
      response.end('{}');
    });
    const session = await web.session();
    const headers = { authorization: 'Bearer token', cookie: session.cookie };
    const answer = await web.request('/api/me', { headers });
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(web.auth.last.headers.authorization, 'Bearer token');
    assert.equal(web.auth.last.headers.cookie, undefined);
  });

  it('does not authenticate by cookie', async () => {
    const session = await web.session();
    await web.request('/api/me', { headers: { cookie: session.cookie } });
    assert.equal(web.auth.last.headers.authorization, undefined);
  });

  it('keeps Host and Origin as the client sent them', async () => {
    const headers = { host: 'chat.example.org', origin: 'https://friend.example' };
    await web.request('/api/conversations', { headers });
    const sent = web.messaging.last.headers;
    assert.equal(sent.host, 'chat.example.org');
    assert.equal(sent.origin, 'https://friend.example');
    assert.equal(sent['x-forwarded-host'], 'chat.example.org');
    assert.equal(sent['x-forwarded-proto'], 'http');
  });

  it('forwards the verified address of the client and no other', async () => {
    const headers = {
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
    };
    await web.request('/api/me', { headers });
    const sent = web.auth.last.headers;
    assert.equal(sent['x-forwarded-for'], '127.0.0.1');
    assert.equal(sent['x-forwarded-proto'], 'http');
    assert.equal(sent['x-real-ip'], undefined);
    assert.equal(sent['forwarded'], undefined);
  });

  it('uses one request id from the client to the service', async () => {
    const answer = await web.request('/api/me', { headers: { 'x-request-id': 'request-1234' } });
    assert.equal(web.auth.last.headers['x-request-id'], 'request-1234');
    assert.equal(answer.headers['x-request-id'], 'request-1234');
    const other = await web.request('/api/me', { headers: { 'x-request-id': 'no\tid' } });
    assert.match(String(other.headers['x-request-id']), /^[0-9a-f-]{36}$/);
  });

  it('answers with status, headers and body of the service', async () => {
    web.messaging.answers((_received, response) => {
      response.writeHead(409, {
        'content-type': 'application/problem+json',
        'x-of-service': 'yes',
      });
      response.end('{"code":"conflict"}');
    });
    const answer = await web.request('/api/conversations', { body: {} });
    assert.equal(answer.status, 409);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.headers['x-of-service'], 'yes');
    assert.equal(answer.json()['code'], 'conflict');
  });

  it('carries an answer of several megabytes whole', async () => {
    const page = Buffer.alloc(5_000_000, 'parley');
    web.messaging.answers((_received, response) => void response.end(page));
    const answer = await web.request('/api/conversations');
    assert.ok(answer.bytes.equals(page));
  });

  it('answers HEAD without a body', async () => {
    const answer = await web.request('/api/conversations', { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '');
    assert.equal(web.messaging.last.method, 'HEAD');
  });

  it('passes a preflight on to the service', async () => {
    web.messaging.answers((_received, response) => {
      response.writeHead(204, { 'access-control-allow-origin': 'https://friend.example' }).end();
    });
    const answer = await web.request('/api/conversations', {
      method: 'OPTIONS',
      headers: { origin: 'https://friend.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['access-control-allow-origin'], 'https://friend.example');
  });

  for (const path of [
    '/healthz',
    '/readyz',
    '/internal/sessions',
    '/socket.io/',
    '/',
    '/../me',
    '/%2e%2e/me',
    '/a%2fb',
    '//readyz',
    '/./readyz',
    '/x/../readyz',
    '/x/%2E%2e/internal/sessions',
    '/x%5c..%5creadyz',
    '/%2freadyz',
    '/readyz/',
    '/internal/',
    '/%zz',
  ]) {
    it(`does not know ${path}`, async () => {
      const answer = await web.request(`/api${path}`);
      assert.equal(answer.status, 404);
      assert.equal(answer.json()['code'], 'unknown_operation');
      assert.equal(web.auth.received.length + web.messaging.received.length, 0);
    });
  }

  for (const method of ['DELETE', 'PATCH', 'POST', 'PUT']) {
    it(`passes the body of a ${method} on as a body, and never as another request`, async () => {
      const body = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
      const headers = { 'content-length': String(body.length) };
      const { status } = await web.request('/api/conversations/c/messages/m', {
        method,
        body,
        headers,
      });
      assert.equal(status, 200);
      await web.request('/api/conversations');
      const seen = web.messaging.received.map((each) => [each.method, each.url, each.body]);
      assert.deepEqual(seen, [
        [method, '/conversations/c/messages/m', body],
        ['GET', '/conversations', ''],
      ]);
      assert.equal(web.messaging.received[0]?.headers['content-length'], String(body.length));
    });
  }

  it('refuses a body above the limit without asking the service', async () => {
    const large = Buffer.alloc(128 * 1024 + 1, ' ');
    const declared = await web.request('/api/conversations', { body: large });
    const chunked = await web.request('/api/conversations', {
      body: large,
      headers: { 'transfer-encoding': 'chunked' },
    });
    for (const answer of [declared, chunked]) {
      assert.equal(answer.status, 413);
      assert.equal(answer.json()['code'], 'payload_too_large');
    }
    assert.equal(web.messaging.received.length, 0);
  });

  for (const path of [
    '/socket.io/../readyz',
    '/socket.io/%2e%2e/readyz',
    '/socket.io/.%2E/readyz',
    '/socket.io/..\\readyz',
    '/socket.io/..%5creadyz',
    '/socket.io/./../internal/sessions',
    '/socket.io//../../readyz',
    '/socket.io/x/../../readyz',
    '/socket.io/%2E%2E/internal/sessions',
    '/socket.io/%2e%2e%2freadyz',
    '/socket.io/..%2Freadyz',
    '/socket.io/..%00/readyz',
    'http://x/socket.io/../readyz',
    'http://x/socket.io/%2e%2e/readyz',
    'HTTP://127.0.0.1/socket.io/..\\readyz',
  ]) {
    it(`does not take ${path} for a path of the socket`, async () => {
      const socket = await rawConnection(
        web.port,
        `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      );
      const answer = await saidUntil(socket, '"code"');
      assert.match(answer, /^HTTP\/1\.1 404 [\s\S]*unknown_operation/);
      assert.equal(web.messaging.received.length, 0);
    });
  }

  for (const target of [
    '//readyz',
    '//x/readyz',
    '/SOCKET.IO/../readyz',
    '/Socket.io/',
    '/socket.io',
    '/socket.io;/../readyz',
    '/socket%2eio/../readyz',
    '/INTERNAL/sessions',
    'http://x/internal/sessions',
    '/api/../internal/sessions',
    '/API/../internal/sessions',
    'http://x/api/../internal/sessions',
    '\\\\x\\readyz',
  ]) {
    it(`passes ${target} on to no service`, async () => {
      const socket = await rawConnection(
        web.port,
        `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      );
      const answer = await saidUntil(socket, '\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 \d/);
      assert.equal(web.auth.received.length + web.messaging.received.length, 0);
    });
  }

  for (const path of ['/Readyz', '/READYZ', '/%72eadyz', '/Internal/x', '/%69nternal/sessions']) {
    it(`passes ${path} on as it is, which no service knows`, async () => {
      await web.request(`/api${path}`);
      assert.equal(web.messaging.last.url, path);
    });
  }

  it('carries long polls, bodies of text included', async () => {
    const answer = await web.request('/socket.io/?EIO=4&transport=polling&sid=x', {
      body: '40{"token":"t"}',
      headers: { 'content-type': 'text/plain;charset=UTF-8', cookie: 'io=1' },
    });
    assert.equal(answer.status, 200);
    assert.equal(web.messaging.last.url, '/socket.io/?EIO=4&transport=polling&sid=x');
    assert.equal(web.messaging.last.body, '40{"token":"t"}');
    assert.equal(web.messaging.last.headers.cookie, undefined);
  });
});
