import assert from 'node:assert/strict';

import { AppError } from '@parley/common';

import type { KeyValueStore, Platform } from '../src/core/platform.ts';
import { type Client, LIMITS, memoryStore } from '../src/index.ts';
import { Locks } from './support/locks.ts';
import type { Call, Outcome } from './support/fake-server.ts';
import { Scene } from './support/scene.ts';
import type { Conversation } from './support/world.ts';

describe('The outbox', () => {
  let scene: Scene;
  let conversation: Conversation;
  let storage: KeyValueStore;
  beforeEach(async () => {
    scene = await Scene.open();
    conversation = scene.createConversation();
    storage = memoryStore();
  });
  afterEach(() => scene.close());

  const platform = (more: Partial<Platform> = {}) => ({
    platform: { storage, now: scene.time.now, setTimeout: scene.time.setTimeout, ...more },
  });
  const watched = async (more: Partial<Platform> = {}) => {
    const client = await scene.online(scene.ada, platform(more));
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('a page', () => rows(client).length > 0);
    return client;
  };
  const rows = (client: Client) => client.conversation(conversation.id).timeline.get().items;
  const states = (client: Client) =>
    rows(client).flatMap((row) => (row.kind === 'message' ? [row.delivery?.state] : []));
  const stored = () =>
    conversation.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []));
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}`);
  const sendAll = (client: Client, texts: readonly string[]) =>
    texts.map((text) => client.conversation(conversation.id).send(text));
  const isSend = (call: Call) => call.name === 'message:send';
  const left = async () => (await storage.keys()).filter((key) => key.includes('outbox'));

  it('sends in order, several at a time, each naming the one before', async () => {
    const client = await watched();
    let flying = 0;
    let most = 0;
    scene.server.outcome = async (call): Promise<Outcome> => {
      if (!isSend(call)) return 'answer';
      flying += 1;
      most = Math.max(most, flying);
      await new Promise((resolve) => setImmediate(resolve));
      flying -= 1;
      return 'answer';
    };
    const ids = sendAll(client, numbers(100));
    await scene.until('all sent', () => states(client).every((state) => state === 'sent'));
    assert.deepEqual(stored(), numbers(100));
    assert.equal(most, 8);
    const after = scene.server.inputs('message:send').map((input) => input['after']);
    assert.deepEqual(after, [undefined, ...ids.slice(0, -1)]);
    assert.deepEqual(await left(), []);
  });

  it('stores one copy, in order, when answers are dropped', async () => {
    const client = await watched();
    let sends = 0;
    scene.server.outcome = (call) => {
      if (isSend(call)) sends += 1;
      return isSend(call) && sends % 3 === 1 ? 'drop-answer' : 'answer';
    };
    let looks = 0;
    const cut = () => {
      looks += 1;
      client.reconnect();
      if (looks % 50 === 0) scene.server.cut(scene.ada);
      return states(client).every((state) => state === 'sent');
    };
    sendAll(client, numbers(30));
    await scene.until('all sent', cut);
    assert.deepEqual(stored(), numbers(30));
    assert.equal(rows(client).length, 31);
  });

  it('keeps the order when a message is refused for a while', async () => {
    const client = await watched();
    let tokens = 5;
    scene.server.outcome = (call) => {
      if (!isSend(call)) return 'answer';
      tokens -= 1;
      if (tokens >= 0) return 'answer';
      if (tokens <= -12) tokens = 7;
      return new AppError('rate_limited', 'Slowly', { retryAfterMs: 300 });
    };
    sendAll(client, numbers(25));
    await scene.until('all sent', () => states(client).every((state) => state === 'sent'));
    assert.deepEqual(stored(), numbers(25));
  });

  it('waits as long as a refusal says', async () => {
    const client = await watched();
    let isOver = false;
    scene.server.outcome = (call) =>
      isSend(call) && !isOver
        ? new AppError('rate_limited', 'Slowly', { retryAfterMs: 60_000 })
        : 'answer';
    sendAll(client, ['1']);
    await scene.until('a refusal', () => scene.server.inputs('message:send').length === 1);
    isOver = true;
    await scene.time.advance(50_000);
    assert.deepEqual(stored(), []);
    await scene.time.advance(15_000);
    await scene.until('sent', () => states(client)[0] === 'sent');
  });

  it('shows a message that is refused for good, and goes on with the others', async () => {
    const client = await watched();
    scene.server.outcome = (call) =>
      isSend(call) && call.input['text'] === '2' ? new AppError('blocked') : 'answer';
    const [, second = ''] = sendAll(client, numbers(12));
    await scene.until('the rest sent', () => stored().length === 11);
    await scene.until('the failure', () => states(client).includes('failed'));
    assert.deepEqual(stored(), ['1', ...numbers(12).slice(2)]);
    const failed = rows(client).find((row) => row.kind === 'message' && row.clientId === second);
    assert.deepEqual(failed?.kind === 'message' && failed.delivery, {
      state: 'failed',
      code: 'blocked',
      message: 'You blocked this person',
    });

    scene.server.outcome = () => 'answer';
    client.conversation(conversation.id).retry(second);
    await scene.until('all sent', () => states(client).every((state) => state === 'sent'));
    assert.equal(stored().at(-1), '2');
    assert.deepEqual(await left(), []);
  });

  it('removes a failed message when it is discarded, and takes back only what was not tried', async () => {
    const client = await watched();
    const handle = client.conversation(conversation.id);
    scene.server.outcome = (call) => (isSend(call) ? 'ignore' : 'answer');
    const ids = sendAll(client, numbers(10));
    await scene.until('some tried', () => scene.server.inputs('message:send').length === 8);
    const deliveries = rows(client).flatMap((row) => (row.kind === 'message' ? row.delivery : []));
    assert.deepEqual(deliveries[0], { state: 'sending', cancellable: false });
    assert.deepEqual(deliveries[9], { state: 'sending', cancellable: true });
    assert.equal(handle.discard(ids[0]!), false);
    assert.equal(handle.discard(ids[9]!), true);
    assert.equal(handle.discard('unknown'), false);

    scene.server.outcome = (call) =>
      isSend(call) && call.input['text'] === '1' ? new AppError('blocked') : 'answer';
    scene.server.cut(scene.ada);
    await scene.until('the failure', () => states(client).includes('failed'));
    assert.equal(handle.discard(ids[0]!), true);
    await scene.until('the rest sent', () => states(client).every((state) => state === 'sent'));
    assert.deepEqual(stored(), numbers(9).slice(1));
  });

  it('gives up after many internal errors, and uses a new key if the old one has other content', async () => {
    const client = await watched();
    scene.server.outcome = (call) => (isSend(call) ? new AppError('internal') : 'answer');
    const [id = ''] = sendAll(client, ['1']);
    await scene.time.advance(60_000);
    await scene.until('the failure', () => states(client)[0] === 'failed');

    scene.server.outcome = (call) => (isSend(call) ? new AppError('client_id_reused') : 'answer');
    client.conversation(conversation.id).retry(id);
    await scene.until('the refusal', () => {
      const row = rows(client).at(-1);
      const delivery = row?.kind === 'message' ? row.delivery : null;
      return delivery?.state === 'failed' && delivery.code === 'client_id_reused';
    });
    scene.server.outcome = () => 'answer';
    client.conversation(conversation.id).retry(id);
    await scene.until('sent', () => states(client)[0] === 'sent');
    assert.notEqual(conversation.entries.at(-1)?.clientId, id);
  });

  it('loses and duplicates nothing when the app is restarted', async () => {
    const first = await watched();
    let sends = 0;
    scene.server.outcome = (call) => {
      if (isSend(call)) sends += 1;
      return isSend(call) && sends > 3 ? 'drop-answer' : 'answer';
    };
    sendAll(first, numbers(20));
    await scene.until('some stored', () => stored().length >= 8);
    scene.server.outcome = () => 'answer';
    first.stop();
    assert.ok((await left()).length > 0);

    const second = await watched();
    await scene.until('all stored', () => stored().length === 20);
    await scene.until('all sent', () => states(second).every((state) => state === 'sent'));
    assert.deepEqual(stored(), numbers(20));
    assert.equal(rows(second).length, 21);
    assert.deepEqual(await left(), []);
  });

  it('keeps a failed message over a restart', async () => {
    const first = await watched();
    scene.server.outcome = (call) => (isSend(call) ? new AppError('forbidden') : 'answer');
    const [id = ''] = sendAll(first, ['1']);
    await scene.until('the failure', () => states(first).includes('failed'));
    first.stop();
    const second = await watched();
    assert.deepEqual(states(second), ['failed']);
    assert.equal(second.conversation(conversation.id).discard(id), true);
    assert.deepEqual(await left(), []);
  });

  it('ignores what it cannot read in the store', async () => {
    await storage.set(`parley/user`, scene.ada);
    await storage.set(`parley/${scene.ada}/outbox/tab/1`, '{broken');
    await storage.set(`parley/${scene.ada}/list`, '7');
    await storage.set(`parley/${scene.ada}/entries/${conversation.id}`, 'no');
    const client = await watched();
    assert.deepEqual(states(client), []);
    assert.deepEqual(await left(), []);
  });

  it('works where the store fails', async () => {
    const fail = () => Promise.reject(new Error('full'));
    storage = { get: fail, set: fail, remove: fail, keys: fail };
    const client = await watched();
    sendAll(client, ['1']);
    await scene.until('sent', () => states(client)[0] === 'sent');
  });

  it('of a closed tab is taken over by another, and that of an open tab is not', async () => {
    const locks = new Locks();
    const lock = (name: string) => locks.request(name);
    const first = await watched({ lock });
    scene.server.outcome = (call) => (isSend(call) ? 'ignore' : 'answer');
    sendAll(first, ['1', '2']);
    await scene.until('both tried', () => scene.server.inputs('message:send').length === 2);
    const second = await watched({ lock });
    assert.deepEqual(states(second), []);

    scene.server.outcome = () => 'answer';
    first.stop();
    await scene.until('both sent', () => states(second).join() === 'sent,sent');
    assert.deepEqual(stored(), ['1', '2']);
    assert.deepEqual(await left(), []);
  });

  it('of two tabs without locks stores each message once', async () => {
    const first = await watched();
    scene.server.outcome = (call) => (isSend(call) ? 'ignore' : 'answer');
    sendAll(first, ['1', '2', '3']);
    await scene.until('all tried', () => scene.server.inputs('message:send').length === 3);
    scene.server.outcome = () => 'answer';
    const second = await watched();
    await scene.until('all sent there', () => stored().length === 3);
    scene.server.cut(scene.ada);
    await scene.until('all sent here', () => states(first).every((state) => state === 'sent'));
    await scene.until('and there', () => states(second).every((state) => state === 'sent'));
    assert.deepEqual(stored(), ['1', '2', '3']);
  });

  it('refuses a text that the server would refuse', async () => {
    const client = await watched();
    const { send, setDraft, draft } = client.conversation(conversation.id);
    for (const text of ['', ' \n', 'a\u0000b', '\ud800', 'x'.repeat(LIMITS.textMax + 1)]) {
      assert.throws(() => send(text), { code: 'invalid_input' });
    }
    assert.throws(() => send('a', { replyTo: 'nothing' }), { code: 'not_found' });
    setDraft('e\u0301');
    send('e\u0301');
    assert.equal(draft.get(), '');
    await scene.until('sent', () => states(client)[0] === 'sent');
    assert.deepEqual(stored(), ['\u00e9']);
  });

  it('shows the message replied to', async () => {
    for (let index = 1; index <= 60; index += 1) {
      scene.server.world.say(conversation, scene.bob, `b${index}`);
    }
    const client = await watched();
    const preview = () => {
      const row = rows(client).at(-1);
      return row?.kind === 'message' ? row.replyTo : null;
    };
    const target = conversation.entries.find(
      (entry) => entry.kind === 'message' && entry.text === 'b50',
    )!;
    client.conversation(conversation.id).send('yes', { replyTo: target.id });
    assert.deepEqual([preview()?.text, preview()?.senderId], ['b50', scene.bob]);
    await scene.until('sent', () => states(client).at(-1) === 'sent');
    assert.equal(preview()?.messageId, target.id);

    const old = conversation.entries[1]!;
    const entry = scene.server.world.say(conversation, scene.bob, 'no');
    const payload = { ...entry, replyTo: { messageId: old.id, seq: old.seq } };
    scene.server.emit({ userIds: [scene.ada], event: 'entry', payload });
    await scene.until('the preview', () => preview()?.text === 'b1');
  });
});
