import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

import { StandIn, answerJson } from './support/stand-in.ts';
import { WebUnderTest } from './support/web-under-test.ts';

describe('the public API while a service is in trouble', () => {
  let web: WebUnderTest;
  let second: StandIn;

  beforeEach(async () => {
    second = await new StandIn().start();
    const env = { PARLEY_ORIGINS: 'https://friend.example' };
    web = await WebUnderTest.start(env, { silence: 50 }, [second]);
  });

  afterEach(async () => {
    await web.close();
    await second.stop();
  });

  it('answers unavailable for a stopped service, readable for allowed origins', async () => {
    await web.auth.stop();
    for (const question of [{}, { body: { username: 'a' } }]) {
      const answer = await web.request('/api/auth/login', {
        ...question,
        headers: { origin: 'https://friend.example' },
      });
      assert.equal(answer.status, 503);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.equal(answer.headers['retry-after'], '1');
      assert.equal(answer.headers['access-control-allow-origin'], 'https://friend.example');
      assert.equal(answer.json()['code'], 'unavailable');
      assert.equal(answer.json()['retryable'], true);
    }
    assert.match(await web.metrics(), /parley_web_upstream_failures_total\{upstream="auth",.*\} 2/);
  });

  it('answers again as soon as the service is back', async () => {
    await web.auth.stop();
    assert.equal((await web.request('/api/me')).status, 503);
    await web.auth.start();
    assert.equal((await web.request('/api/me')).status, 200);
  });

  it('sends requests to the messaging nodes in rotation', async () => {
    for (let count = 0; count < 6; count += 1) await web.request('/api/conversations');
    assert.equal(web.messaging.received.length, 3);
    assert.equal(second.received.length, 3);
  });

  it('skips a stopped node, also for requests with a body', async () => {
    await web.messaging.stop();
    for (let count = 0; count < 4; count += 1) {
      const answer = await web.request('/api/conversations', { body: { count } });
      assert.equal(answer.status, 200);
    }
    assert.deepEqual(
      second.received.map(({ body }) => body),
      ['{"count":0}', '{"count":1}', '{"count":2}', '{"count":3}'],
    );
  });

  it('never sends a write twice if a node may have received it', async () => {
    for (const node of [web.messaging, second]) {
      node.answers((_received, response) => void response.destroy());
    }
    assert.equal((await web.request('/api/conversations', { body: {} })).status, 503);
    assert.equal(web.messaging.received.length + second.received.length, 1);
  });

  it('reads from the next node when one breaks the connection', async () => {
    web.messaging.answers((_received, response) => void response.destroy());
    for (let count = 0; count < 2; count += 1) {
      assert.equal((await web.request('/api/conversations')).status, 200);
    }
  });

  it('reads from the next node when one is frozen, and lets no further request wait for it', async () => {
    web.messaging.isFrozen = true;
    for (let count = 0; count < 6; count += 1) {
      assert.equal((await web.request('/api/conversations')).status, 200);
    }
    const waited = web.messaging.received.filter(({ url }) => url === '/conversations');
    assert.equal(waited.length, 1);
  });

  it('waits for a node that takes its time and is not frozen', async () => {
    let answer = (): void => undefined;
    web.auth.answers((_received, response) => {
      answer = () => answerJson(response, 200, { late: true });
    });
    const asked = web.request('/api/me');
    const checked = new Promise((resolve) => {
      web.auth.server.on('request', ({ url }) => {
        if (url === '/healthz') resolve(undefined);
      });
    });
    await checked;
    answer();
    assert.deepEqual((await asked).json(), { late: true });
  });

  it('breaks the answer off when the service does', async () => {
    web.auth.answers((_received, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    await assert.rejects(web.request('/api/me'), { code: 'ECONNRESET' });
    web.auth.answers((_received, response) => answerJson(response, 200, {}));
    assert.equal((await web.request('/api/me')).status, 200);
  });

  it('aborts the request to the service when the client disconnects before the answer', async () => {
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const dropped = new Promise<void>((resolve) => {
      web.auth.answers((_received, response) => {
        response.once('close', resolve);
        arrived();
      });
    });
    const asked = request(`${web.url}/api/me`, { agent: false });
    asked.on('error', () => undefined);
    asked.end();
    await arrival;
    asked.destroy();
    await dropped;
  });

  it('stops reading the answer of the service when the client disconnects', async () => {
    const dropped = new Promise<void>((resolve) => {
      web.auth.answers((_received, response) => {
        response.once('close', resolve);
        response.write('x'.repeat(1_000_000));
      });
    });
    const asked = request(`${web.url}/api/me`, { agent: false });
    asked.on('error', () => undefined);
    asked.end();
    await once(asked, 'response');
    asked.destroy();
    await dropped;
    assert.equal((await web.request('/healthz')).status, 200);
  });

  it('survives a client that disconnects in the middle of its body', async () => {
    const socket = connect(web.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /api/conversations HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    await web.request('/healthz');
    socket.destroy();
    assert.equal((await web.request('/api/conversations')).status, 200);
    const seen = [...web.messaging.received, ...second.received];
    assert.deepEqual(
      seen.map(({ method }) => method),
      ['GET'],
    );
  });
});
