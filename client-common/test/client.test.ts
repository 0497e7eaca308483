import assert from 'node:assert/strict';

import { Scene, texts } from './support/scene.ts';

describe('A client', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  it('shows the conversations of a person, newest activity first', async () => {
    const conversation = scene.createConversation(3);
    const client = await scene.online(scene.ada);

    const { status, conversations, unread } = client.conversations.get();
    assert.equal(status, 'ready');
    assert.equal(unread, 1);
    assert.deepEqual(
      conversations.map(({ id, unreadCount, lastMessage }) => [id, unreadCount, lastMessage?.text]),
      [[conversation.id, 3, 'b3']],
    );
  });

  it('loads the newest page of a conversation that is watched, and keeps it live', async () => {
    const conversation = scene.createConversation(3);
    const client = await scene.online(scene.ada);
    const handle = client.conversation(conversation.id);
    handle.timeline.subscribe(() => undefined);
    await scene.until('a page', () => texts(client, conversation.id).length === 3);

    scene.say(conversation, 'live');
    await scene.until('the live message', () => texts(client, conversation.id).includes('live'));

    assert.deepEqual(texts(client, conversation.id), ['b1', 'b2', 'b3', 'live']);
    assert.equal(handle.info.get()?.unreadCount, 4);
  });

  it('shows a message at once, and how far it has come', async () => {
    const conversation = scene.createConversation();
    const ada = await scene.online(scene.ada);
    const handle = ada.conversation(conversation.id);
    handle.timeline.subscribe(() => undefined);
    const state = () => {
      const item = handle.timeline.get().items.at(-1);
      return item?.kind === 'message' ? item.delivery?.state : undefined;
    };

    handle.send('hello');
    assert.equal(state(), 'sending');
    await scene.until('sent', () => state() === 'sent');

    const bob = await scene.online(scene.bob);
    await scene.until('delivered', () => state() === 'delivered');
    bob.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('shown to Bob', () => texts(bob, conversation.id).includes('hello'));
    bob.conversation(conversation.id).markRead();
    await scene.until('read', () => state() === 'read');
    assert.equal(bob.conversation(conversation.id).info.get()?.unreadCount, 0);
  });

  it('knows whether the server accepts files, and assumes so of an old server', async () => {
    const takes = async () => {
      const client = scene.client(scene.ada);
      client.start();
      await scene.synced(client);
      const known = client.self.get()?.attachments;
      client.stop();
      return known;
    };
    assert.equal(await takes(), true);
    scene.server.attachments = false;
    assert.equal(await takes(), false);
    scene.server.attachments = true;
    assert.equal(await takes(), true);
  });

  it('reports events of the server after it has handled them, until the listener is removed', async () => {
    const client = scene.client(scene.ada);
    const heard: unknown[] = [];
    const stopReady = client.onEvent('ready', ({ userId }) => {
      heard.push([userId, client.connection.get().status]);
    });
    const stopPresence = client.onEvent('presence', ({ userId }) => heard.push(userId));
    client.start();
    await scene.synced(client);
    const payload = { userId: scene.bob, online: true, lastSeenAt: null };
    const emit = () => scene.server.emit({ userIds: [scene.ada], event: 'presence', payload });
    emit();
    await scene.until('the event', () => heard.length === 2);
    stopPresence();
    emit();
    scene.server.cut(scene.ada);
    await scene.until('another connection', () => heard.length === 3);
    stopReady();

    const ready = [scene.ada, 'online'];
    assert.deepEqual(heard, [ready, scene.bob, ready]);
  });
});
