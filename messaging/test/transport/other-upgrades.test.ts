import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { RunningService } from '@parley/backend-common';

import { call } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';

describe('a request to a messaging node that asks for another protocol', () => {
  let stack: TestStack;
  let node: RunningService;
  let ann: Person;
  let conversationId: string;
  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({ PARLEY_LONG_POLLING: 'on', PARLEY_RATE_LIMITS: 'off' });
    ann = await stack.people.create();
    conversationId = await stack.group(node.url, [ann]);
  });
  after(() => stack.close());

  interface Asked {
    readonly upgrade?: string;
    readonly method?: string;
    readonly body?: unknown;
    readonly agent?: Agent;
  }
  const ask = async (path: string, { agent, body, method, upgrade = 'h2c' }: Asked = {}) => {
    const sent = request(`${node.url}${path}`, {
      ...{ method, agent: agent ?? false },
      headers: {
        ...{ connection: 'Upgrade, HTTP2-Settings', upgrade, 'http2-settings': 'AAMAAABk' },
        ...{ authorization: `Bearer ${ann.token}`, 'content-type': 'application/json' },
      },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, body: await text(answer) };
  };

  for (const upgrade of ['h2c', 'H2C', 'TLS/1.0', 'HTTP/2.0', 'h2c, websocket', 'x']) {
    it(`is answered over HTTP/1.1: ${upgrade}`, async () => {
      const { body, status } = await ask('/conversations', { upgrade });
      assert.equal(status, 200);
      assert.ok(body.includes(conversationId));
    });
  }

  it('is answered with its body read, on every path and by every method', async () => {
    const messages = `/conversations/${conversationId}/messages`;
    const message = { clientId: 'one', text: 'Hello' };
    assert.equal((await ask(messages, { method: 'POST', body: message })).status, 200);
    const busy = { method: 'PATCH', body: { status: 'BUSY' } };
    assert.equal((await ask('/status', busy)).status, 200);
    assert.equal((await ask('/healthz')).status, 200);
    assert.equal((await ask('/nothing')).status, 404);
    const polling = await ask('/socket.io/?EIO=4&transport=polling');
    assert.deepEqual([polling.status, polling.body.slice(0, 7)], [200, '0{"sid"']);
  });

  it('is answered each time that a client asks on one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const warned: Error[] = [];
    const listen = (warning: Error) => warned.push(warning);
    process.on('warning', listen);
    try {
      for (let count = 0; count < 15; count += 1) {
        assert.equal((await ask('/conversations', { agent })).status, 200);
      }
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(warned, []);
    } finally {
      process.off('warning', listen);
      agent.destroy();
    }
  });

  it('is answered over HTTP/1.1 if it is a WebSocket at a path without one', async () => {
    for (const [path, status] of [
      ['/conversations', 200],
      ['/conversations?cursor=/socket.io/', 400],
      ['/healthz', 200],
      ['/socket.iox', 404],
      ['/nothing', 404],
    ] as const) {
      assert.equal((await ask(path, { upgrade: 'websocket' })).status, status, path);
    }
  });

  it('leaves the sockets alone', async () => {
    const socket = await stack.connections.open(node.url, ann);
    await ask('/conversations');
    await call(socket, 'sync');
  });
});
