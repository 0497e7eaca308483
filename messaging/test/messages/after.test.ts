import assert from 'node:assert/strict';
import type { Socket } from 'socket.io-client';

import { ask, call, refusal } from '../support/connections.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';

describe('a message that names the one before it', () => {
  let stack: TestStack;
  let socket: Socket;
  let other: Socket;
  let conversationId = '';

  before(async () => {
    stack = await TestStack.create();
    const { url } = await stack.node();
    const [ann, ben] = [await stack.people.create(), await stack.people.create()];
    socket = await stack.connections.open(url, ann);
    other = await stack.connections.open(url, ben);
    const direct = await call(socket, 'conversation:create', {
      kind: 'direct',
      userId: ben.userId,
    });
    conversationId = (direct as { id: string }).id;
  });

  after(() => stack.close());

  const send = (clientId: string, after?: string) => ({
    conversationId,
    clientId,
    text: clientId,
    ...(after === undefined ? {} : { after }),
  });

  it('is accepted while that one waits, and when it is stored', async () => {
    const [one, two] = await Promise.all([
      ask(socket, 'message:send', send('one')),
      ask(socket, 'message:send', send('two', 'one')),
    ]);
    assert.ok(one.ok && two.ok);
    const third = await ask(socket, 'message:send', send('three', 'one'));
    assert.ok(third.ok);
  });

  it('is refused with a retryable conflict if that one is neither waiting nor stored', async () => {
    const answer = await ask(socket, 'message:send', send('four', 'never-sent'));
    assert.ok(!answer.ok);
    assert.equal(answer.error.code, 'conflict');
    assert.equal(answer.error.retryable, true);
  });

  it('delays all later messages until the refused one is sent again', async () => {
    const [head, ...followers] = ['h', 'i', 'j', 'k'].map((name) => `${name}-${newId()}`) as [
      string,
      ...string[],
    ];
    const chain = [head, ...followers];
    const first = await Promise.all(
      followers.map((name, index) => refusal(socket, 'message:send', send(name, chain[index]))),
    );
    assert.equal(first[0], 'conflict');
    const again = await Promise.all(
      chain.map((name, index) => ask(socket, 'message:send', send(name, chain[index - 1]))),
    );
    assert.ok(again.every(({ ok }) => ok));
    const page = (await call(other, 'conversation:messages', { conversationId })) as {
      messages: { text: string }[];
    };
    assert.deepEqual(
      page.messages.slice(-4).map(({ text }) => text),
      chain,
    );
  });

  it('does not match the key of another sender', async () => {
    await call(other, 'message:send', send('of-ben'));
    assert.equal(await refusal(socket, 'message:send', send('five', 'of-ben')), 'conflict');
  });

  it('is answered with the stored entry when it is repeated, whatever it names', async () => {
    const first = await call(socket, 'message:send', send('six'));
    assert.deepEqual(await call(socket, 'message:send', send('six', 'gone')), first);
  });
});
