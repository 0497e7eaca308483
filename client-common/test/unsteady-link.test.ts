import assert from 'node:assert/strict';

import type { OperationName } from '@parley/common/contract';

import type { Client } from '../src/index.ts';
import { Link } from './support/link.ts';
import { Scene, texts } from './support/scene.ts';
import { standing } from './support/virtual-time.ts';
import type { Conversation } from './support/world.ts';

const RESETS = 12;

describe('A client behind a link that is reset again and again', () => {
  let scene: Scene;
  let link: Link;
  let conversation: Conversation;
  beforeEach(async () => {
    scene = await Scene.open();
    link = await Link.open(scene.server.url);
    conversation = scene.createConversation(3);
  });
  afterEach(async () => {
    await scene.close();
    await link.close();
  });

  /** Resets the link in place of the first `RESETS` answers to one operation. Returns how many were. */
  const resetAt = (name: OperationName) => {
    let resets = 0;
    scene.server.outcome = (call) => {
      if (call.name !== name || resets >= RESETS) return 'answer';
      resets += 1;
      link.reset();
      return 'drop-answer';
    };
    return () => resets;
  };
  const isOnline = (client: Client) => client.connection.get().status === 'online';
  /** A client that shows the conversation. */
  const reader = async () => {
    const client = await scene.online(scene.ada, { url: link.url });
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('the page', () => texts(client, conversation.id).length === 3);
    return client;
  };
  /** The longest wait for an attempt, in milliseconds, from now on. */
  const longestWait = (client: Client) => {
    let longest = 0;
    client.connection.subscribe(() => {
      const state = client.connection.get();
      if (state.status === 'waiting') longest = Math.max(longest, state.retryAt - client.now());
    });
    return () => longest;
  };

  for (const name of ['message:send', 'sync', 'conversation:entries'] as const) {
    it(`at ${name} has everything without a further wait once a connection holds`, async () => {
      const client = await reader();
      const handle = client.conversation(conversation.id);
      const wait = longestWait(client);
      const resets = resetAt(name);
      link.reset();
      await scene.until('the loss', () => !isOnline(client));
      handle.send('mine');
      scene.server.world.say(conversation, scene.bob, 'theirs');
      await scene.until('the last reset', () => resets() === RESETS);
      await scene.until('the end of it', () => !isOnline(client));
      await scene.until('a connection', () => isOnline(client));

      await standing('all of it', () => {
        const { items } = handle.timeline.get();
        const messages = items.flatMap((item) => (item.kind === 'message' ? [item] : []));
        return messages.length === 5 && messages.every(({ seq }) => seq !== null);
      });
      assert.deepEqual(texts(client, conversation.id).slice(3).sort(), ['mine', 'theirs']);
      assert.equal(conversation.entries.filter(({ kind }) => kind === 'message').length, 5);
      assert.ok(wait() > 0 && wait() <= 1_000, `${wait()} ms`);
    });
  }

  it('compares itself once for each connection, however often that is cut off', async () => {
    const client = await reader();
    const resets = resetAt('sync');
    link.reset();
    await scene.until('the last reset', () => resets() === RESETS);
    await scene.until('the end of it', () => !isOnline(client));
    await scene.synced(client);
    assert.equal(scene.server.inputs('sync').length, 1 + RESETS + 1);
    assert.equal(scene.server.inputs('conversation:list').length, 1 + RESETS + 1);
  });

  it('waits longer and longer only while no server lets it in', async () => {
    const client = await reader();
    const wait = longestWait(client);
    link.leadTo('http://127.0.0.1:1');
    link.reset();
    await scene.until('a long wait', () => wait() > 10_000);
    link.leadTo(scene.server.url);
    client.reconnect();
    await scene.synced(client);
  });

  it('does not give up a connection because the one before did not answer a check', async () => {
    const listeners: ((isTrue: boolean) => void)[] = [];
    const { now, setTimeout } = scene.time;
    const client = await scene.online(scene.ada, {
      url: link.url,
      platform: {
        ...{ now, setTimeout },
        onOnlineChange: (listener) => {
          listeners.push(listener);
          return () => undefined;
        },
      },
    });
    scene.server.outcome = ({ name }) => (name === 'presence:unwatch' ? 'ignore' : 'answer');
    listeners[0]!(true);
    await scene.until('the check', () => scene.server.inputs('presence:unwatch').length === 1);
    link.reset();
    await scene.until('the loss', () => !isOnline(client));
    await scene.synced(client);
    const changes: string[] = [];
    client.connection.subscribe(() => changes.push(client.connection.get().status));
    await scene.time.advance(10_000);
    assert.deepEqual(changes, []);
  });
});
