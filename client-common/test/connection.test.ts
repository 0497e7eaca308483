import assert from 'node:assert/strict';

import { AppError, DAY } from '@parley/common';
import { CONTRACT } from '@parley/common/contract';

import { CONTRACT_REVISION } from '../src/core/socket.ts';
import type { Client } from '../src/index.ts';
import { Scene, texts } from './support/scene.ts';

describe('The connection', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  const status = (client: Client) => client.connection.get().status;
  const reached = (client: Client, wanted: string) =>
    scene.until(wanted, () => status(client) === wanted);

  it('sends the revision of the contract that it was built with', () => {
    assert.equal(CONTRACT_REVISION, CONTRACT.revision);
  });

  it('survives handshakes that the server refuses for now', async () => {
    let refusals = 3;
    scene.server.refusal = () => {
      refusals -= 1;
      return refusals < 0 ? null : new AppError('unavailable');
    };
    const client = scene.client(scene.ada);
    client.start();
    await reached(client, 'waiting');
    const state = client.connection.get();
    assert.equal(state.status === 'waiting' && state.reason, 'refused');

    await scene.synced(client);
    assert.equal(scene.server.handshakes, 4);
  });

  it('waits as long as a refusal asks for', async () => {
    scene.server.refusal = () => new AppError('rate_limited', 'Wait', { retryAfterMs: 60_000 });
    const client = scene.client(scene.ada);
    client.start();
    await reached(client, 'waiting');
    scene.server.refusal = () => null;

    await scene.time.advance(59_000);
    assert.equal(scene.server.handshakes, 1);
    await scene.synced(client);
    assert.equal(scene.server.handshakes, 2);
  });

  it('tries a refused ticket once more with a fresh one', async () => {
    const tickets = [`${scene.ada}/old`, `${scene.ada}/new`];
    scene.server.refusal = (token) =>
      token === `${scene.ada}/old` ? new AppError('unauthenticated') : null;
    await scene.online(scene.ada, {
      credentials: () => Promise.resolve(tickets.shift() ?? 'none'),
    });
    assert.equal(scene.server.handshakes, 2);
  });

  it('is signed out when the token is refused and there is no other', async () => {
    scene.server.refusal = () => new AppError('session_expired');
    const client = scene.client(scene.ada);
    client.start();
    await reached(client, 'signed-out');
    await scene.time.advance(DAY);
    assert.equal(scene.server.handshakes, 1);
  });

  it('is signed out if there are no credentials, and retries if reading them fails', async () => {
    const failures = [new TypeError('fetch failed'), new AppError('session_expired')];
    const client = scene.client(scene.ada, {
      credentials: () => Promise.reject(failures.shift() ?? new Error('too often')),
    });
    client.start();
    await reached(client, 'waiting');
    await reached(client, 'signed-out');
    assert.deepEqual(client.connection.get(), { status: 'signed-out', code: 'session_expired' });
    assert.equal(failures.length, 0);
  });

  it('can be started again after it was signed out', async () => {
    scene.server.refusal = () => new AppError('session_expired');
    const client = scene.client(scene.ada);
    client.start();
    await reached(client, 'signed-out');
    scene.server.refusal = () => null;
    client.start();
    await scene.synced(client);
  });

  it('reconnects after the connection was lost', async () => {
    const client = await scene.online(scene.ada);
    scene.server.cut(scene.ada);
    await scene.until('the loss', () => status(client) !== 'online');
    await scene.synced(client);
  });

  it('does not reconnect if the session has ended, and reconnects if it has not', async () => {
    const client = await scene.online(scene.ada);
    const close = (payload: { code: string; reconnect: boolean }) => {
      scene.server.emit({ userIds: [scene.ada], event: 'session:closed', payload });
      for (const socket of scene.server.sockets(scene.ada)) socket.disconnect(true);
    };
    close({ code: 'unavailable', reconnect: true });
    await scene.until('the loss', () => status(client) !== 'online');
    await scene.synced(client);

    close({ code: 'session_expired', reconnect: false });
    await reached(client, 'signed-out');
    await scene.time.advance(DAY);
    assert.equal(scene.server.handshakes, 2);
  });

  it('reconnects at the time that a draining server requests', async () => {
    const client = await scene.online(scene.ada);
    const payload = { reconnectInMs: 7_000 };
    scene.server.emit({ userIds: [scene.ada], event: 'server:draining', payload });
    scene.server.cut(scene.ada);
    await reached(client, 'waiting');
    const state = client.connection.get();
    assert.equal(state.status === 'waiting' && state.reason, 'draining');
    assert.ok(state.status === 'waiting' && state.retryAt - client.now() > 5_000);
    await scene.synced(client);
  });

  it('leaves a server that accepts the handshake and never sends ready', async () => {
    scene.server.welcome = 'silent';
    const client = scene.client(scene.ada);
    client.start();
    await scene.until('a handshake', () => scene.server.handshakes === 1);
    scene.server.welcome = 'ready';
    await scene.synced(client);
    assert.equal(scene.server.handshakes, 2);
  });

  it('replaces a connection that hangs', async () => {
    const conversation = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    scene.server.outcome = () => (scene.server.handshakes === 1 ? 'ignore' : 'answer');

    const asked = client.request('conversation:get', { conversationId: conversation.id });
    assert.equal((await pumped(scene, asked)).id, conversation.id);
    assert.equal(scene.server.handshakes, 2);
  });

  it('reconnects after the device was asleep', async () => {
    const client = await scene.online(scene.ada);
    scene.server.outcome = () => (scene.server.handshakes === 1 ? 'ignore' : 'answer');
    scene.time.jump(DAY);
    await scene.time.advance(40_000);
    await scene.until('another connection', () => scene.server.handshakes === 2);
    await scene.synced(client);
  });

  it('checks at once when the network returns or the app is opened', async () => {
    const listeners: ((isTrue: boolean) => void)[] = [];
    const listen = (listener: (isTrue: boolean) => void) => {
      listeners.push(listener);
      return () => undefined;
    };
    scene.server.refusal = () => new AppError('unavailable', 'Later', { retryAfterMs: DAY });
    const client = scene.client(scene.ada, {
      platform: {
        onOnlineChange: listen,
        onVisibilityChange: listen,
        isOnline: () => false,
        now: scene.time.now,
        setTimeout: scene.time.setTimeout,
      },
    });
    client.start();
    await reached(client, 'waiting');
    const state = client.connection.get();
    assert.equal(state.status === 'waiting' && state.reason, 'offline');
    scene.server.refusal = () => null;
    assert.equal(listeners.length, 2);
    listeners[0]!(true);
    await scene.synced(client);
    assert.ok(state.status === 'waiting' && client.now() < state.retryAt);

    scene.server.outcome = () => (scene.server.handshakes === 2 ? 'ignore' : 'answer');
    listeners[1]!(true);
    await scene.until('another connection', () => scene.server.handshakes === 3);
  });

  it('connects at once when it is told to', async () => {
    scene.server.refusal = () => new AppError('unavailable', 'Later', { retryAfterMs: DAY });
    const client = scene.client(scene.ada);
    client.start();
    await reached(client, 'waiting');
    scene.server.refusal = () => null;
    client.reconnect();
    await scene.synced(client);
  });

  for (const upgrades of ['refused', 'hanging'] as const) {
    it(`uses long polling if WebSockets are ${upgrades}`, async () => {
      const conversation = scene.createConversation(1);
      scene.server.goBehindProxy(upgrades);
      const client = await scene.online(scene.ada);
      client.conversation(conversation.id).timeline.subscribe(() => undefined);
      client.conversation(conversation.id).send('polled');
      await scene.until('the message', () => texts(client, conversation.id).join() === 'b1,polled');
      scene.say(conversation, 'b2');
      await scene.until('the event', () => texts(client, conversation.id).at(-1) === 'b2');
    });
  }

  for (const upgrades of ['refused', 'hanging'] as const) {
    it(`names the cause if WebSockets are ${upgrades} and polling is off, and connects once they pass`, async () => {
      const letThrough = scene.server.goBehindProxy(upgrades, 'off');
      const client = scene.client(scene.ada);
      const reasons = new Set<string>();
      client.connection.subscribe(() => {
        const state = client.connection.get();
        if (state.status === 'waiting') reasons.add(state.reason);
      });
      client.start();
      await scene.until('the cause', () => reasons.has('blocked'));
      reasons.clear();
      const { handshakes } = scene.server;
      await scene.until('more attempts', () => reasons.has('blocked'));
      assert.equal(scene.server.handshakes, handshakes);
      assert.deepEqual([...reasons], ['blocked']);
      letThrough();
      await scene.synced(client);
    });
  }

  it('does not blame the network if the server itself cannot be reached', async () => {
    const client = await scene.online(scene.ada);
    const reasons = new Set<string>();
    client.connection.subscribe(() => {
      const state = client.connection.get();
      if (state.status === 'waiting') reasons.add(state.reason);
      if (state.status === 'waiting' && state.attempt >= 4) client.stop();
    });
    await scene.server.close();
    await scene.until('the attempts', () => client.connection.get().status === 'idle');
    assert.deepEqual([...reasons], ['unreachable']);
  });

  it('tries only WebSocket at first', async () => {
    const client = scene.client(scene.ada);
    scene.server.refusal = () => new AppError('unavailable', 'Later', { retryAfterMs: DAY });
    client.start();
    await reached(client, 'waiting');
    assert.deepEqual(scene.server.transports, ['websocket']);
  });

  it('leaves no timer behind when it is stopped', async () => {
    const client = await scene.online(scene.ada);
    const handle = client.conversation(scene.createConversation(1).id);
    const unsubscribe = handle.timeline.subscribe(() => undefined);
    client.stop();
    unsubscribe();
    handle.setDraft('a');
    assert.equal(scene.time.waiting, 0);
    assert.deepEqual(client.connection.get(), { status: 'idle' });
  });
});

describe('A device whose clock is a week', () => {
  for (const [name, ahead] of [
    ['behind', 7 * DAY],
    ['ahead', -7 * DAY],
  ] as const) {
    it(`${name} shows and sends messages normally`, async () => {
      const scene = await Scene.open(ahead);
      try {
        const conversation = scene.createConversation(2);
        const client = await scene.online(scene.ada);
        const handle = client.conversation(conversation.id);
        handle.timeline.subscribe(() => undefined);
        assert.ok(Math.abs(client.now() - scene.server.world.now()) < 1_000);

        handle.send('mine');
        const pending = handle.timeline.get().items.at(-1);
        assert.ok(pending && Math.abs(pending.at - scene.server.world.now()) < 1_000);
        await scene.until('everything', () => texts(client, conversation.id).length === 3);
        scene.server.cut(scene.ada);
        await scene.until('the loss', () => client.connection.get().status !== 'online');
        await scene.synced(client);
        assert.deepEqual(texts(client, conversation.id), ['b1', 'b2', 'mine']);
      } finally {
        await scene.close();
      }
    });
  }
});

describe('A request', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  it('is repeated after the time that the server requests', async () => {
    const conversation = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    let refusals = 2;
    scene.server.outcome = ({ name }) => {
      if (name !== 'conversation:get' || refusals === 0) return 'answer';
      refusals -= 1;
      return new AppError('rate_limited', 'Slowly', { retryAfterMs: 5_000 });
    };
    const begin = scene.time.now();
    await pumped(scene, client.request('conversation:get', { conversationId: conversation.id }));
    assert.ok(scene.time.now() - begin >= 10_000);
  });

  it('is not repeated if the error is not retryable', async () => {
    const client = await scene.online(scene.ada);
    const conversationId = scene.server.world.newId();
    await assert.rejects(pumped(scene, client.request('conversation:get', { conversationId })), {
      code: 'not_found',
    });
    assert.equal(scene.server.inputs('conversation:get').length, 1);
  });

  it('fails after its last attempt', async () => {
    const client = await scene.online(scene.ada);
    scene.server.outcome = () => new AppError('internal');
    const asked = client.request('conversation:list', {}, { attempts: 3 });
    await assert.rejects(pumped(scene, asked), { code: 'internal' });
    assert.equal(scene.server.inputs('conversation:list').length, 1 + 3);
  });

  it('waits some seconds for a connection and then fails', async () => {
    const client = scene.client(scene.ada);
    scene.server.refusal = () => new AppError('unavailable');
    client.start();
    const asked = client.request('conversation:list', {});
    await assert.rejects(pumped(scene, asked), { code: 'unavailable' });
  });

  it('that is larger than a frame is refused before it is sent', async () => {
    const client = await scene.online(scene.ada);
    const text = 'x'.repeat(140_000);
    const input = { conversationId: scene.createConversation().id, clientId: 'big', text };
    await assert.rejects(pumped(scene, client.request('message:send', input)), {
      code: 'payload_too_large',
    });
    assert.equal(scene.server.inputs('message:send').length, 0);
    assert.equal(client.connection.get().status, 'online');
  });

  it('treats an unknown error code as internal, and keeps whether it is retryable', async () => {
    const client = await scene.online(scene.ada);
    scene.server.outcome = () =>
      Object.assign(new AppError('forbidden'), { code: 'brand_new' as never });
    await assert.rejects(pumped(scene, client.request('conversation:list', {})), {
      code: 'internal',
      retryable: false,
    });
  });
});

/** Lets time pass until the promise settles. */
async function pumped<T>(scene: Scene, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await scene.until('an answer', () => isSettled);
  return promise;
}
