import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { ConfigError } from '@parley/backend-common';
import { readConfig } from '@parley/web';

import { StandIn } from './support/stand-in.ts';
import { WebUnderTest } from './support/web-under-test.ts';

const ENV = {
  MONGODB_URI: 'mongodb://127.0.0.1:1/parley',
  PARLEY_SECRET: 'a secret of the tests, 32 bytes or more',
  PARLEY_AUTH_URL: 'http://127.0.0.1:3001',
  PARLEY_MESSAGING_URL: 'http://127.0.0.1:3002, http://127.0.0.1:3003/',
};

describe('the configuration of web', () => {
  it('reads several messaging nodes', () => {
    const config = readConfig(ENV);
    assert.deepEqual(config.messagingUrls, ['http://127.0.0.1:3002', 'http://127.0.0.1:3003']);
    assert.equal(config.publicOrigin, undefined);
    assert.equal(config.webRoot, undefined);
  });

  it('reports all invalid variables in one error', () => {
    const env = {
      ...ENV,
      PARLEY_AUTH_URL: 'http://127.0.0.1:3001/path',
      PARLEY_MESSAGING_URL: ',',
      PARLEY_PUBLIC_ORIGIN: 'https://chat.example.org/',
      PARLEY_SECRET: 'short',
    };
    assert.throws(
      () => readConfig(env),
      (error: Error) => {
        assert.ok(error instanceof ConfigError);
        for (const name of [
          'PARLEY_AUTH_URL',
          'PARLEY_MESSAGING_URL',
          'PARLEY_PUBLIC_ORIGIN',
          'PARLEY_SECRET',
        ]) {
          assert.match(error.message, new RegExp(name));
        }
        return true;
      },
    );
  });
});

describe('the web service', () => {
  it('is ready while one messaging node is ready, and reports whether auth answers', async () => {
    const second = await new StandIn().start();
    let now = 0;
    const web = await WebUnderTest.start({}, { monotonic: () => now }, [second]);
    const ready = async () => {
      now += 1_000;
      const answer = await web.request('/readyz');
      const { auth, detail } = answer.json();
      return [answer.status, auth ?? detail];
    };
    try {
      assert.deepEqual(await ready(), [200, 'ok']);
      await web.messaging.stop();
      assert.deepEqual(await ready(), [200, 'ok']);
      await second.stop();
      assert.deepEqual(await ready(), [503, 'Not available: messaging']);
      await second.start();
      assert.deepEqual(await ready(), [200, 'ok']);
      await web.auth.stop();
      const answer = await web.request('/readyz');
      assert.equal(answer.json()['auth'], 'ok', 'an answer is cached for a second');
      assert.deepEqual(await ready(), [200, 'unavailable']);
      assert.equal((await web.request('/healthz')).status, 200);
    } finally {
      await web.close();
      await second.stop();
    }
  });

  it('measures requests by route and status, without text from clients', async () => {
    const web = await WebUnderTest.start();
    try {
      await web.request('/api/me');
      await web.request('/secret-path-of-a-client');
      const text = await web.metrics();
      assert.match(
        text,
        /parley_web_request_duration_seconds_count\{.*route="api",status="2xx".*\} 1/,
      );
      assert.match(
        text,
        /parley_web_request_duration_seconds_count\{.*route="page",status="4xx".*\} 1/,
      );
      assert.doesNotMatch(text, /secret-path/);
    } finally {
      await web.close();
    }
  });

  it('stops while connections are open', async () => {
    const web = await WebUnderTest.start();
    const idle = connect(web.port, '127.0.0.1');
    idle.on('error', () => undefined);
    await once(idle, 'connect');
    await web.request('/healthz');
    const closed = once(idle, 'close');
    idle.resume();
    const startedAt = performance.now();
    await web.close();
    await closed;
    assert.ok(
      performance.now() - startedAt < 4_000,
      'without waiting until the grace period has passed',
    );
  });

  it('rejects the start when its port is in use', async () => {
    const web = await WebUnderTest.start();
    try {
      await assert.rejects(WebUnderTest.start({ PORT: String(web.port) }), { code: 'EADDRINUSE' });
    } finally {
      await web.close();
    }
  });
});
