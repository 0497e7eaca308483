import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { entry, operations, type Entry } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { call, collected } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Live = readonly Pick<Entry, 'seq' | 'kind'>[];

describe('a heads client', () => {
  let stack: TestStack;
  let node: RunningService;
  let [ann, ben]: Person[] = [];
  let conversationId: string;
  let annSocket: Socket;
  let benSocket: Socket;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node();
  });
  beforeEach(async () => {
    [ann, ben] = [await stack.people.create(), await stack.people.create()];
    conversationId = await stack.direct(node.url, ann, ben);
    annSocket = await stack.connections.open(node.url, ann, { sync: 'heads' });
    benSocket = await stack.connections.open(node.url, ben, { sync: 'heads' });
  });
  after(() => stack.close());

  const send = (from: Socket, text: string) =>
    call(from, 'message:send', { conversationId, clientId: text, text });
  const seqs = (live: Live) => live.map(({ seq }) => seq);

  it('gets everything live from the answer to sync on, and the head covers what came before', async () => {
    const live = collected(annSocket, 'entry') as Live;
    await send(benSocket, 'before');
    const { heads } = operations.sync.output.parse(await call(annSocket, 'sync'));
    assert.deepEqual(
      heads.map(({ lastSeq }) => lastSeq),
      [2],
    );
    await send(benSocket, 'after');
    await until(() => seqs(live).at(-1) === 3);
    // It may have entered its rooms before it called `sync`.
    assert.deepEqual(
      seqs(live).filter((seq) => seq !== 2),
      [3],
    );
  });

  it('is not told of what it sends or deletes with an event, with and without an acknowledgement, and its other sockets are', async () => {
    const second = await stack.connections.open(node.url, ann!, { sync: 'heads' });
    for (const socket of [annSocket, second]) await call(socket, 'sync');
    const [own, others] = [annSocket, second].map((one) => collected(one, 'entry') as Live);
    const sent = entry.parse(await send(annSocket, 'acknowledged'));
    annSocket.emit('message:send', { conversationId, clientId: 'silent', text: 'silent' });
    await until(() => others?.length === 2);
    await call(annSocket, 'message:delete', {
      conversationId,
      messageId: sent.id,
      clientId: 'deletes',
    });
    await until(() => others?.length === 3);
    await call(annSocket, 'app:state', { state: 'foreground' });
    assert.deepEqual(own, []);
    assert.deepEqual(seqs(others ?? []), [2, 3, 4]);
  });
});
