import assert from 'node:assert/strict';

import { Scene, texts } from './support/scene.ts';

describe('A snapshot for React', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  it('keeps its identity where nothing changed', async () => {
    const one = scene.createConversation(3);
    const two = scene.createConversation(3);
    const client = await scene.online(scene.ada);
    const first = client.conversation(one.id);
    const second = client.conversation(two.id);
    for (const { timeline } of [first, second]) timeline.subscribe(() => undefined);
    await scene.until('both pages', () =>
      [one, two].every(({ id }) => texts(client, id).length === 3),
    );
    await scene.until('both marks', () =>
      [one, two].every(({ memberships }) => memberships.get(scene.ada)!.deliveredSeq === 4),
    );
    const before = {
      list: client.conversations.get(),
      timeline: second.timeline.get(),
      info: second.info.get(),
      receipts: second.receipts.get(),
      items: first.timeline.get().items,
    };
    scene.say(one, 'more');
    await scene.until('it', () => texts(client, one.id).includes('more'));

    assert.equal(client.conversation(two.id), second);
    assert.equal(second.timeline.get(), before.timeline);
    assert.equal(second.info.get(), before.info);
    assert.equal(second.receipts.get(), before.receipts);
    assert.notEqual(client.conversations.get(), before.list);
    const rows = client.conversations.get().conversations;
    assert.equal(
      rows.find(({ id }) => id === two.id),
      before.info,
    );
    const after = first.timeline.get().items;
    assert.ok(before.items.every((item, index) => item === after[index]));
    assert.equal(client.conversations.get(), client.conversations.get());
  });

  it('keeps the key of a message while it turns from pending to stored', async () => {
    const conversation = scene.createConversation();
    const client = await scene.online(scene.ada);
    const { timeline, send } = client.conversation(conversation.id);
    timeline.subscribe(() => undefined);
    await scene.until('a page', () => timeline.get().items.length === 1);
    const keys = new Set<string>();
    timeline.subscribe(() => keys.add(timeline.get().items.at(-1)?.key ?? ''));
    send('one');
    await scene.until('stored', () => timeline.get().lastSeq === 2);
    assert.equal(keys.size, 1);
    assert.equal(timeline.get().items.length, 2);
  });

  it('notifies once for many changes in one tick, and never without a change', async () => {
    const conversation = scene.createConversation();
    const client = await scene.online(scene.ada);
    const { draft, setDraft } = client.conversation(conversation.id);
    let told = 0;
    const stop = draft.subscribe(() => {
      told += 1;
    });
    for (const text of ['a', 'ab', 'abc']) setDraft(text);
    await scene.time.advance(0);
    assert.equal(told, 1);
    setDraft('x');
    setDraft('abc');
    await scene.time.advance(0);
    assert.equal(told, 1);
    stop();
    setDraft('gone');
    await scene.time.advance(0);
    assert.equal(told, 1);
  });
});
