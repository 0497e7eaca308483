import assert from 'node:assert/strict';

import { AppError } from '@parley/common';

import { memoryStore } from '../src/index.ts';
import { Scene, texts } from './support/scene.ts';

describe('The storage of a device', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  it('paints the list and the last page before there is a connection', async () => {
    const conversation = scene.createConversation(80);
    const storage = memoryStore();
    const first = await scene.online(scene.ada, platform(storage));
    await scene.until('a page', () => texts(first, conversation.id).length > 0);
    first.stop();

    scene.server.refusal = () => new AppError('unavailable');
    const client = scene.client(scene.ada, platform(storage));
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    client.start();
    await scene.until('the list', () => client.conversations.get().status === 'ready');
    await scene.until('the page', () => texts(client, conversation.id).length > 0);
    assert.notEqual(client.connection.get().status, 'online');
    const [row] = client.conversations.get().conversations;
    assert.deepEqual(
      [row?.id, row?.unreadCount, row?.lastMessage?.text],
      [conversation.id, 80, 'b80'],
    );
    assert.equal(texts(client, conversation.id).at(-1), 'b80');

    for (let index = 81; index <= 90; index += 1) {
      scene.server.world.say(conversation, scene.bob, `b${index}`);
    }
    scene.server.refusal = () => null;
    client.reconnect();
    await scene.synced(client);
    await scene.until('the rest', () => texts(client, conversation.id).at(-1) === 'b90');
  });

  it('puts the newest page in the place of one that is far behind', async () => {
    const conversation = scene.createConversation(80);
    const storage = memoryStore();
    const first = await scene.online(scene.ada, platform(storage));
    await scene.until('a page', () => texts(first, conversation.id).length > 0);
    first.stop();
    for (let index = 81; index <= 1_000; index += 1) {
      scene.server.world.say(conversation, scene.bob, `b${index}`);
    }
    const client = scene.client(scene.ada, platform(storage));
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    client.start();
    await scene.until('the page kept', () => texts(client, conversation.id).at(-1) === 'b80');
    await scene.synced(client);
    assert.deepEqual(
      [texts(client, conversation.id).at(0), texts(client, conversation.id).at(-1)],
      ['b951', 'b1000'],
    );
    assert.equal(client.conversation(conversation.id).timeline.get().hasNewer, false);
  });

  it('is used by a client that is started again', async () => {
    const conversation = scene.createConversation(3);
    const client = await scene.online(scene.ada, platform(memoryStore()));
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    client.start();
    client.stop();
    client.start();
    client.stop();
    scene.server.world.say(conversation, scene.bob, 'b4');
    client.start();
    await scene.synced(client);
    assert.deepEqual(texts(client, conversation.id), ['b1', 'b2', 'b3', 'b4']);
    assert.equal(scene.server.sockets(scene.ada).length, 1);
  });

  it('keeps drafts, and nothing after signing out', async () => {
    const conversation = scene.createConversation(1);
    const storage = memoryStore();
    const first = await scene.online(scene.ada, platform(storage));
    first.conversation(conversation.id).setDraft('unfinished');
    first.stop();

    const second = await scene.online(scene.ada, platform(storage));
    assert.equal(second.conversation(conversation.id).draft.get(), 'unfinished');
    assert.equal(second.conversations.get().conversations[0]?.draft, 'unfinished');
    await second.signOut();
    assert.deepEqual(await storage.keys(), []);
    assert.equal(second.conversations.get().conversations.length, 0);
    assert.equal(second.self.get(), null);
  });

  it('shows nothing of another user of the device', async () => {
    const conversation = scene.createConversation(1);
    const storage = memoryStore();
    const first = await scene.online(scene.ada, platform(storage));
    first.conversation(conversation.id).setDraft('private');
    first.stop();

    const carol = scene.server.world.user('carol');
    const second = await scene.online(carol, platform(storage));
    assert.equal(second.conversations.get().conversations.length, 0);
    assert.equal(second.conversation(conversation.id).draft.get(), '');
    await scene.until('the wipe', () => second.self.get()?.userId === carol);
    const keys = await storage.keys();
    assert.ok(keys.every((key) => !key.includes(scene.ada)));
  });

  it('drops what it showed when the session is ended', async () => {
    scene.createConversation(1);
    const storage = memoryStore();
    const client = await scene.online(scene.ada, platform(storage));
    await scene.until(
      'the list',
      keysOf(storage, (keys) => keys.some((key) => key.endsWith('/list'))),
    );
    const payload = { code: 'session_expired', reconnect: false };
    scene.server.emit({ userIds: [scene.ada], event: 'session:closed', payload });
    await scene.until('the end', () => client.connection.get().status === 'signed-out');
    const isWiped = (keys: readonly string[]) => !keys.some((key) => /list|entries/.test(key));
    await scene.until('the wipe', keysOf(storage, isWiped));
    await scene.time.advance(5_000);
    assert.ok(isWiped(await storage.keys()));
  });

  /** Whether the keys of a storage are as they should be, as of the last time that it was asked. */
  const keysOf = (
    storage: ReturnType<typeof memoryStore>,
    isRight: (keys: readonly string[]) => boolean,
  ) => {
    let found = false;
    return () => {
      void storage.keys().then((keys) => (found = isRight(keys)));
      return found;
    };
  };
  const platform = (storage: ReturnType<typeof memoryStore>) => ({
    platform: { storage, now: scene.time.now, setTimeout: scene.time.setTimeout },
  });
});
