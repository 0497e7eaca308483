import assert from 'node:assert/strict';
import { LIMITS } from '@parley/common';

import { call, closed } from '../support/connections.ts';
import { metric } from '../support/http.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

describe('a client that does not read', () => {
  let stack: TestStack;
  before(async () => (stack = await TestStack.create()));
  after(() => stack.close());

  it('is disconnected before the data queued for it fills the memory, and may reconnect', async () => {
    const node = await stack.node({ PARLEY_RATE_LIMITS: 'off' }, { checkOutput: false });
    const ann = await stack.people.create();
    const conversationId = await stack.group(node.url, [ann]);
    const writing = await stack.connections.open(node.url, ann);
    const text = '🐌'.repeat(LIMITS.textMax);
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        call(writing, 'message:send', { conversationId, clientId: `c${index}`, text }),
      ),
    );

    const slow = await stack.connections.open(node.url, ann, { reconnection: true });
    const { ws } = (
      slow.io.engine as unknown as {
        transport: { ws: { _socket: { pause(): void; resume(): void } } };
      }
    ).transport;
    ws._socket.pause();
    // More than the operating system takes for a connection on its own.
    for (let asked = 0; asked < 60; asked += 1) {
      slow.emit('conversation:entries', { conversationId }, () => undefined);
    }
    await until(async () => (await metric(node.metricsUrl, 'parley_slow_readers_total')) === 1);
    await until(async () => (await metric(node.metricsUrl, 'parley_sockets')) === 1);
    assert.deepEqual(((await call(writing, 'sync')) as { heads: unknown[] }).heads.length, 1);

    const end = closed(slow);
    ws._socket.resume();
    assert.match(await end, /^transport/);
    await until(() => slow.connected);
  });
});
