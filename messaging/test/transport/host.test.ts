import assert from 'node:assert/strict';
import { HOSTS, statusOf } from '@parley/backend-common/testing';

import { TestStack } from '../support/stack.ts';

describe('a request to a messaging node', () => {
  let stack: TestStack;
  let url: string;
  before(async () => {
    stack = await TestStack.create();
    ({ url } = await stack.node({ PARLEY_LONG_POLLING: 'on' }));
  });
  after(() => stack.close());

  const polling = '/socket.io/?EIO=4&transport=polling';
  for (const { lines, status, what } of HOSTS) {
    it(`with ${what} is answered ${status}`, async () => {
      assert.equal(await statusOf(`${url}/healthz`, lines), status);
      assert.equal(await statusOf(`${url}${polling}`, lines), status);
    });
  }

  for (const { lines, what } of HOSTS.filter(({ status }) => status === 400)) {
    it(`for a WebSocket with ${what} is answered 400`, async () => {
      const webSocket = `${url}/socket.io/?EIO=4&transport=websocket`;
      assert.equal(await statusOf(webSocket, lines, 'websocket'), 400);
    });
  }
});
