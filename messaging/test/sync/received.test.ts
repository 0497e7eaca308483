import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import type { Entry } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { call, closed, collected, eventOf } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { swallowingProxy } from '../support/swallowing-proxy.ts';
import { until } from '../support/until.ts';

interface Page {
  readonly entries: readonly Pick<Entry, 'seq'>[];
}

describe('a plain client gets again', () => {
  let stack: TestStack;
  let node: RunningService;
  let [ann, ben]: Person[] = [];
  let conversationId: string;
  let benSocket: Socket;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node();
  });
  beforeEach(async () => {
    [ann, ben] = [await stack.people.create(), await stack.people.create()];
    conversationId = await stack.direct(node.url, ann, ben);
    benSocket = await stack.connections.open(node.url, ben);
  });
  after(() => stack.close());

  /** Connects, and resolves with the socket and what was replayed to it. */
  const connect = async (url = node.url) => {
    const socket = stack.connections.prepare(url, { token: ann!.token });
    const replayed: number[] = [];
    socket.on('sync:page', ({ entries }: Page, acknowledge: () => void) => {
      replayed.push(...entries.map(({ seq }) => seq));
      acknowledge();
    });
    const live = collected(socket, 'entry');
    await eventOf(socket, 'sync:done');
    return { socket, replayed, live };
  };
  /** What is replayed to the next connection. */
  const reconnect = async (socket: Socket) => {
    const gone = closed(socket);
    socket.disconnect();
    await gone;
    return connect();
  };
  const send = async (from: Socket, ...texts: string[]) => {
    for (const text of texts)
      await call(from, 'message:send', { conversationId, clientId: text, text });
  };

  it('its own messages, although it has got their acknowledgements and sent more packets, until it acknowledges their page', async () => {
    const first = await connect();
    await send(first.socket, 'a', 'b', 'c');
    await call(first.socket, 'app:state', { state: 'foreground' });
    const second = await reconnect(first.socket);
    assert.deepEqual(second.replayed, [2, 3, 4]);
    assert.deepEqual((await reconnect(second.socket)).replayed, []);
  });

  it('what it got live, although it has answered a ping of the server since', async () => {
    const first = await connect();
    await send(benSocket, 'a', 'b');
    await until(() => first.live.length === 2);
    // A client answers a ping when its engine has read it, whether or not the app has kept what came before.
    first.socket.io.engine.transport.send([{ type: 'pong' }]);
    await call(first.socket, 'app:state', { state: 'foreground' });
    assert.deepEqual((await reconnect(first.socket)).replayed, [2, 3]);
  });

  it('what was written into a link that had died, although its own packets still arrive', async () => {
    const proxy = await swallowingProxy(Number(new URL(node.url).port));
    try {
      const first = await connect(`http://127.0.0.1:${proxy.port}`);
      proxy.swallow({ direction: 'to client' });
      await send(benSocket, 'lost');
      const said = { conversationId, clientId: 'after', text: 'after' };
      first.socket.emit('message:send', said);
      const entries = stack.mongo.db.collection('entries');
      await until(async () => (await entries.countDocuments({ conversationId })) === 3);
      assert.deepEqual(first.live, []);
      proxy.cutBroken();
      assert.deepEqual((await connect()).replayed, [2, 3]);
    } finally {
      await proxy.close();
    }
  });

  for (const receipt of ['receipt:delivered', 'receipt:read']) {
    it(`nothing up to the seq of its ${receipt}, whoever wrote it`, async () => {
      const first = await connect();
      await send(benSocket, 'a');
      await send(first.socket, 'b');
      await send(benSocket, 'c');
      await until(() => first.live.length === 2);
      await call(first.socket, receipt, { conversationId, seq: 3 });
      const second = await reconnect(first.socket);
      assert.deepEqual(second.replayed, [4]);
      await call(second.socket, receipt, { conversationId, seq: 4 });
      assert.deepEqual((await reconnect(second.socket)).replayed, []);
    });
  }

  it('nothing that it has acknowledged, whatever another session of the user lacks', async () => {
    const first = await connect();
    const tablet = await stack.people.logIn(ann!.userId);
    const other = stack.connections.prepare(node.url, { token: tablet.token });
    await eventOf(other, 'sync:done');
    other.disconnect();
    await send(benSocket, 'a');
    await until(() => first.live.length === 1);
    await call(first.socket, 'receipt:delivered', { conversationId, seq: 2 });
    assert.deepEqual((await reconnect(first.socket)).replayed, []);
    const again = stack.connections.prepare(node.url, { token: tablet.token });
    const { entries } = (await eventOf(again, 'sync:page')) as Page;
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      [2],
    );
  });
});
