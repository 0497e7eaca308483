import assert from 'node:assert/strict';

import { AppError } from '@parley/common';

import { type Client, type KeyValueStore, memoryStore } from '../src/index.ts';
import { Scene } from './support/scene.ts';
import { slowStore } from './support/slow-store.ts';
import type { Conversation } from './support/world.ts';

describe('A message written before the store is open', () => {
  let scene: Scene;
  let conversation: Conversation;
  beforeEach(async () => {
    scene = await Scene.open();
    conversation = scene.createConversation();
  });
  afterEach(() => scene.close());

  const platform = (storage: KeyValueStore) => ({
    platform: { storage, now: scene.time.now, setTimeout: scene.time.setTimeout },
  });
  const states = (client: Client) =>
    client
      .conversation(conversation.id)
      .timeline.get()
      .items.flatMap((item) => (item.kind === 'message' ? [item.delivery?.state] : []));
  const stored = () =>
    conversation.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  const send = (client: Client, text: string) => client.conversation(conversation.id).send(text);
  const goOffline = () => {
    scene.server.refusal = () => new AppError('unavailable');
  };
  const goOnline = () => {
    scene.server.refusal = () => null;
  };
  /** A device that knows its user from an earlier run, and is offline now. */
  const usedDevice = async (storage: KeyValueStore) => {
    const client = await scene.online(scene.ada, platform(storage));
    await scene.time.advance(10_000);
    client.stop();
    await scene.time.advance(10_000);
    goOffline();
  };

  it('in the tick of the start survives a restart', async () => {
    const storage = memoryStore();
    await usedDevice(storage);
    const client = scene.client(scene.ada, platform(storage));
    client.start();
    send(client, 'early');
    await scene.until('kept', () => states(client).join() === 'sending');
    client.stop();

    goOnline();
    await scene.online(scene.ada, platform(storage));
    await scene.until('the message', () => stored().join() === 'early');
  });

  it('survives even if the client is stopped in the same tick', async () => {
    const storage = memoryStore();
    await usedDevice(storage);
    const client = scene.client(scene.ada, platform(storage));
    send(client, 'before the start');
    client.start();
    send(client, 'after it');
    client.stop();
    await scene.time.advance(1_000);

    goOnline();
    await scene.online(scene.ada, platform(storage));
    await scene.until('both', () => stored().join() === 'before the start,after it');
  });

  it('is not shown as sending before a slow store has it, and survives then', async () => {
    const { storage, kept } = slowStore(scene.time, 300);
    await usedDevice(storage);
    const client = scene.client(scene.ada, platform(storage));
    client.start();
    const keptMessages = async () =>
      (await kept.keys()).filter((key) => key.includes('/outbox/')).length;
    for (let ms = 0; ms < 3_000; ms += 50) {
      if ([0, 50, 200, 900].includes(ms)) send(client, `at ${ms}`);
      const sending = states(client).filter((state) => state === 'sending').length;
      assert.ok(sending <= (await keptMessages()), `${sending} at ${ms} ms`);
      await scene.time.advance(50);
    }
    assert.deepEqual(states(client), ['sending', 'sending', 'sending', 'sending']);
    client.stop();

    goOnline();
    await scene.online(scene.ada, platform(storage));
    await scene.until('all', () => stored().length === 4);
    assert.deepEqual(stored(), ['at 0', 'at 50', 'at 200', 'at 900']);
  });

  it('is saving until it is known whose it is, then kept for that user', async () => {
    const storage = memoryStore();
    goOffline();
    const client = scene.client(scene.ada, platform(storage));
    client.start();
    send(client, 'whose?');
    await scene.time.advance(2_000);
    assert.deepEqual(states(client), ['saving']);
    assert.deepEqual(await storage.keys(), []);

    goOnline();
    scene.server.outcome = ({ name }) => (name === 'message:send' ? 'ignore' : 'answer');
    client.reconnect();
    await scene.until('kept', () => states(client).join() === 'sending');
    client.stop();
    scene.server.outcome = () => 'answer';
    await scene.online(scene.ada, platform(storage));
    await scene.until('the message', () => stored().join() === 'whose?');
  });

  it('is kept at once if the app names the user', async () => {
    const storage = memoryStore();
    goOffline();
    const options = { userId: scene.ada, ...platform(storage) };
    const client = scene.client(scene.ada, options);
    client.start();
    send(client, 'mine');
    assert.deepEqual(states(client), ['sending']);
    client.stop();

    goOnline();
    await scene.online(scene.ada, options);
    await scene.until('the message', () => stored().join() === 'mine');
  });

  it('is saving where the store fails, and sent nevertheless', async () => {
    const fail = () => Promise.reject(new Error('full'));
    const client = await scene.online(
      scene.ada,
      platform({ get: fail, set: fail, remove: fail, keys: fail }),
    );
    const seen = new Set<unknown>();
    client.conversation(conversation.id).timeline.subscribe(() => {
      for (const state of states(client)) seen.add(state);
    });
    send(client, 'not kept');
    await scene.until('sent', () => states(client).join() === 'sent');
    assert.deepEqual([...seen], ['saving', 'sent']);
  });

  it('is reported as lost with the app while the device has no room, until it is sent, taken back or kept', async () => {
    const kept = memoryStore();
    let isFull = true;
    const set = (key: string, value: string) =>
      isFull && !key.includes('/list') ? Promise.reject(new Error('full')) : kept.set(key, value);
    const options = { userId: scene.ada, ...platform({ ...kept, isSynchronous: false, set }) };
    goOffline();
    const client = scene.client(scene.ada, options);
    client.start();
    const { isLosing } = client;
    const handle = client.conversation(conversation.id);
    await scene.time.advance(1_000);
    assert.equal(isLosing.get(), false);

    handle.setDraft('unfinished');
    await scene.until('the draft counts', () => isLosing.get());
    handle.setDraft('');
    await scene.until('the draft is gone', () => !isLosing.get());

    const clientId = handle.send('taken back');
    await scene.until('the message counts', () => isLosing.get());
    handle.discard(clientId);
    await scene.until('the message is gone', () => !isLosing.get());

    handle.setDraft('one');
    await scene.until('the draft counts', () => isLosing.get());
    isFull = false;
    handle.setDraft('one two');
    await scene.until('the draft is kept', () => !isLosing.get());
    handle.setDraft('');

    isFull = true;
    send(client, 'sent at last');
    await scene.until('the message counts', () => isLosing.get());
    goOnline();
    client.reconnect();
    await scene.until('the message', () => stored().join() === 'sent at last');
    await scene.until('nothing is lost', () => !isLosing.get());
  });

  it('survives as a draft too', async () => {
    const storage = memoryStore();
    await usedDevice(storage);
    const client = scene.client(scene.ada, platform(storage));
    client.start();
    client.conversation(conversation.id).setDraft('unfinished');
    await scene.time.advance(1_000);
    client.stop();
    const again = scene.client(scene.ada, platform(storage));
    again.start();
    await scene.until('the draft', () => again.conversation(conversation.id).draft.get() !== '');
    assert.equal(again.conversation(conversation.id).draft.get(), 'unfinished');
  });

  it('does not outlive a sign-out in the tick of the start', async () => {
    const storage = memoryStore();
    await usedDevice(storage);
    const client = scene.client(scene.ada, platform(storage));
    client.start();
    send(client, 'early');
    await client.signOut();
    await scene.time.advance(1_000);
    assert.deepEqual(await storage.keys(), []);
    assert.equal(client.self.get(), null);
  });
});

describe('A request in the tick of the start', () => {
  let scene: Scene;
  let conversation: Conversation;
  let client: Client;
  beforeEach(async () => {
    scene = await Scene.open();
    conversation = scene.createConversation();
    const { storage } = slowStore(scene.time, 300);
    client = scene.client(scene.ada, {
      platform: { storage, now: scene.time.now, setTimeout: scene.time.setTimeout },
    });
    client.start();
    assert.equal(client.connection.get().status, 'connecting');
  });
  afterEach(() => scene.close());

  /** What a request resolves to once there is a connection. */
  const answerOf = async <Answer>(request: Promise<Answer>): Promise<Answer> => {
    let isSettled = false;
    const settle = () => void (isSettled = true);
    request.then(settle, settle);
    await scene.until('an answer', () => isSettled);
    return request;
  };

  it('waits for the connection', async () => {
    const id = await answerOf(client.createDirect(scene.bob));
    assert.equal(client.conversation(id).info.get()?.peer?.username, 'bob');
  });

  it('for a group waits too', async () => {
    const id = await answerOf(client.createGroup({ title: 'Early', userIds: [scene.bob] }));
    assert.equal(client.conversation(id).info.get()?.title, 'Early');
  });

  it('for any operation waits, also if there are many', async () => {
    const { id } = conversation;
    const shown = () => client.request('conversation:get', { conversationId: id });
    const [list, ...conversations] = await answerOf(
      Promise.all([client.request('conversation:list', {}), shown(), shown(), shown()]),
    );
    assert.deepEqual(
      [...list.conversations, ...conversations].map((each) => each.id),
      [id, id, id, id],
    );
  });

  it('for a setting waits', async () => {
    const handle = client.conversation(conversation.id);
    await answerOf(handle.setSettings({ pinned: true }));
    const { id } = conversation;
    assert.deepEqual(scene.server.inputs('conversation:settings'), [
      { conversationId: id, pinned: true },
    ]);
  });
});
