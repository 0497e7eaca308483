import assert from 'node:assert/strict';
import { HOSTS, statusOf } from '@parley/backend-common/testing';

import { WebUnderTest } from './support/web-under-test.ts';

describe('a request to web', () => {
  let web: WebUnderTest;
  before(async () => {
    web = await WebUnderTest.start();
  });
  beforeEach(() => {
    web.messaging.received.length = 0;
  });
  after(() => web.close());

  for (const { lines, status, what } of HOSTS) {
    it(`with ${what} is answered ${status}`, async () => {
      for (const path of ['/healthz', '/', '/api/conversations']) {
        assert.equal(await statusOf(`${web.url}${path}`, lines), status, path);
      }
      assert.equal(web.messaging.received.length, status === 200 ? 1 : 0);
    });
  }

  for (const { lines, what } of HOSTS.filter(({ status }) => status === 400)) {
    it(`for a WebSocket with ${what} is answered 400`, async () => {
      const webSocket = `${web.url}/socket.io/?EIO=4&transport=websocket`;
      assert.equal(await statusOf(webSocket, lines, 'websocket'), 400);
      assert.equal(web.messaging.received.length, 0);
    });
  }
});
