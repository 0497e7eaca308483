import assert from 'node:assert/strict';

import type { Client, ConnectionState } from '../src/index.ts';
import { FakeServer } from './support/fake-server.ts';
import { Link } from './support/link.ts';
import { Scene, texts } from './support/scene.ts';
import type { Conversation } from './support/world.ts';

describe('A client whose node is about to stop', () => {
  let scene: Scene;
  let other: FakeServer;
  let link: Link;
  let conversation: Conversation;
  let client: Client;
  let states: ConnectionState[];
  beforeEach(async () => {
    scene = await Scene.open();
    other = await FakeServer.start(scene.server.world);
    link = await Link.open(scene.server.url);
    conversation = scene.createConversation(2);
    client = await scene.online(scene.ada, { url: link.url });
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
    await scene.until('the page', () => texts(client, conversation.id).length === 2);
    states = [];
    client.connection.subscribe(() => states.push(client.connection.get()));
    link.leadTo(other.url);
  });
  afterEach(async () => {
    await scene.close();
    await other.close();
    await link.close();
  });

  const moved = () => scene.until('the other node', () => states.at(-1)?.status === 'online');
  const deliveries = () =>
    client
      .conversation(conversation.id)
      .timeline.get()
      .items.flatMap((item) => (item.kind === 'message' ? [item.delivery?.state] : []));

  it('leaves for another at the time that it named', async () => {
    scene.server.drain(700);
    await scene.until('the notice', () => scene.time.waiting > 0);
    await scene.time.advance(600);
    assert.deepEqual([scene.server.sockets(scene.ada).length, other.handshakes], [1, 0]);
    await moved();
    assert.equal(other.handshakes, 1);
    assert.deepEqual(states[0], { status: 'connecting', attempt: 1 });
    assert.ok(states.every(({ status }) => status === 'connecting' || status === 'online'));
  });

  it('waits for the rest of that time if the node closes the connection first', async () => {
    const begin = scene.time.now();
    scene.server.drain(5_000);
    scene.server.cut(scene.ada);
    await scene.until('the loss', () => states.length > 0);
    const [waiting] = states.filter((state) => state.status === 'waiting');
    assert.ok(waiting?.reason === 'draining' && waiting.attempt === 0);
    assert.ok(waiting.retryAt <= begin + 5_500, `${waiting.retryAt - begin} ms`);
    await moved();
    assert.ok(scene.time.now() - begin >= 4_500);
    assert.ok(states.every((state) => state.status !== 'connecting' || state.attempt === 1));
  });

  it('sends what was under way again, under the same key, and shows no failure', async () => {
    const handle = client.conversation(conversation.id);
    const seen = new Set<unknown>();
    handle.timeline.subscribe(() => {
      for (const state of deliveries()) seen.add(state);
    });
    scene.server.outcome = ({ name }) => (name === 'message:send' ? 'drop-answer' : 'answer');
    handle.send('on its way');
    await scene.until('the request', () => scene.server.inputs('message:send').length === 1);
    scene.server.drain(300);
    handle.send('refused by the old node');
    await moved();
    await scene.until('sent', () => deliveries().slice(2).join() === 'sent,sent');
    assert.deepEqual(texts(client, conversation.id).slice(2), [
      'on its way',
      'refused by the old node',
    ]);
    const keys = (server: FakeServer) =>
      new Set(server.inputs('message:send').map(({ clientId }) => clientId));
    assert.deepEqual(keys(other), keys(scene.server));
    assert.equal(conversation.entries.filter(({ kind }) => kind === 'message').length, 4);
    assert.ok(!seen.has('failed'));
  });

  it('goes on as usual if that node lets it in again', async () => {
    link.leadTo(scene.server.url);
    const before = scene.server.handshakes;
    scene.server.drain(200);
    await scene.until('a refusal', () => scene.server.handshakes > before);
    scene.server.refusal = () => null;
    scene.server.outcome = () => 'answer';
    await scene.synced(client);
    assert.deepEqual(texts(client, conversation.id), ['b1', 'b2']);
  });
});
