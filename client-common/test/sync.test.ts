import assert from 'node:assert/strict';

import { AppError } from '@parley/common';
import fc from 'fast-check';

import { LIMITS } from '../src/index.ts';
import { Scene, texts } from './support/scene.ts';
import type { Conversation } from './support/world.ts';

describe('The synchronisation', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  const said = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => `b${from + index}`);
  const say = (conversation: Conversation, from: number, to: number) => {
    for (const text of said(from, to)) scene.server.world.say(conversation, scene.bob, text);
  };
  const mark = (conversation: Conversation) =>
    conversation.memberships.get(scene.ada)!.deliveredSeq;
  const watch = (client: Awaited<ReturnType<Scene['online']>>, conversation: Conversation) =>
    client.conversation(conversation.id).timeline.subscribe(() => undefined);
  const away = async (client: Awaited<ReturnType<Scene['online']>>, what: () => void) => {
    scene.server.refusal = () => new AppError('unavailable');
    scene.server.cut(scene.ada);
    await scene.until('the loss', () => client.connection.get().status === 'waiting');
    what();
    scene.server.refusal = () => null;
    client.reconnect();
    await scene.synced(client);
  };

  it('fetches what was missed while the connection was away', async () => {
    const conversation = scene.createConversation(3);
    const client = await scene.online(scene.ada);
    watch(client, conversation);
    await scene.until('a page', () => texts(client, conversation.id).length === 3);

    await away(client, () => say(conversation, 4, 120));
    assert.deepEqual(texts(client, conversation.id), said(1, 120));
    await scene.until('the mark', () => mark(conversation) === 121);
    assert.equal(
      client.conversation(conversation.id).info.get()?.unreadCount,
      LIMITS.unreadCountMax,
    );
  });

  it('shows the newest page first on a fresh device, and acknowledges only when all is pulled', async () => {
    const conversation = scene.createConversation(1_000);
    const marks: number[] = [];
    const pulls: unknown[] = [];
    scene.server.outcome = ({ name, input }) => {
      if (name === 'receipt:delivered') marks.push(input['seq'] as number);
      if (name === 'conversation:entries') pulls.push(input['after'] ?? 'newest');
      return 'answer';
    };
    const client = scene.client(scene.ada);
    watch(client, conversation);
    client.start();
    await scene.until('the newest page', () => texts(client, conversation.id).length > 0);
    assert.deepEqual(texts(client, conversation.id), said(951, 1_000));
    assert.ok(mark(conversation) < 1_001);

    await scene.until('the mark', () => mark(conversation) === 1_001);
    assert.deepEqual(
      marks,
      [...marks].sort((one, other) => one - other),
    );
    assert.deepEqual(pulls, ['newest', 0, 200, 400, 600, 800]);
    assert.deepEqual(texts(client, conversation.id), said(951, 1_000));
  });

  it('converges after 10,000 entries, without holding them', async () => {
    const conversation = scene.createConversation(100);
    const client = await scene.online(scene.ada);
    watch(client, conversation);
    await scene.until('the mark', () => mark(conversation) === 101);
    const pulls = () => scene.server.inputs('conversation:entries').length;
    const before = pulls();

    await away(client, () => say(conversation, 101, 10_100));
    const { timeline, info } = client.conversation(conversation.id);
    assert.equal(info.get()?.lastMessage?.text, 'b10100');
    await scene.until('the mark', () => mark(conversation) === 10_101);
    assert.equal(pulls() - before, 50);

    // A user who views it stays at the same place, and scrolls on from there or jumps.
    const { hasNewer, lastSeq, newestSeq } = timeline.get();
    assert.deepEqual([hasNewer, lastSeq, newestSeq], [true, 101, 10_101]);
    await client.conversation(conversation.id).loadNewer();
    assert.deepEqual(texts(client, conversation.id), said(51, 150));
    await client.conversation(conversation.id).jumpToNewest();
    assert.deepEqual(texts(client, conversation.id), said(10_051, 10_100));
    assert.equal(timeline.get().hasNewer, false);
  });

  it('loads the newest page of a conversation that is not watched', async () => {
    const conversation = scene.createConversation(100);
    const client = await scene.online(scene.ada);
    await scene.until('a page held ready', () => texts(client, conversation.id).length > 0);
    await away(client, () => say(conversation, 101, 1_000));
    await scene.until('the newest', () => texts(client, conversation.id).at(-1) === 'b1000');
    watch(client, conversation);
    assert.equal(client.conversation(conversation.id).timeline.get().status, 'ready');
    assert.deepEqual(texts(client, conversation.id), said(951, 1_000));
  });

  it('drops the entries that are farthest from the screen', async () => {
    const conversation = scene.createConversation(600);
    const client = await scene.online(scene.ada, { windowEntries: 200 });
    const handle = client.conversation(conversation.id);
    watch(client, conversation);
    await scene.until('a page', () => texts(client, conversation.id).length > 0);
    for (let page = 0; page < 5; page += 1) await handle.loadOlder();

    let { firstSeq, lastSeq, hasNewer, hasOlder } = handle.timeline.get();
    assert.deepEqual([firstSeq, lastSeq, hasNewer, hasOlder], [302, 501, true, true]);
    await handle.loadNewer();
    await handle.loadNewer();
    ({ firstSeq, lastSeq, hasNewer, hasOlder } = handle.timeline.get());
    assert.deepEqual([firstSeq, lastSeq, hasNewer, hasOlder], [402, 601, false, true]);

    handle.setView(402, 420);
    for (let index = 1; index <= 250; index += 1) scene.say(conversation, `live${index}`);
    await scene.until('the live ones', () => handle.timeline.get().newestSeq === 851);
    ({ firstSeq, hasNewer } = handle.timeline.get());
    assert.deepEqual([firstSeq, hasNewer], [402, true]);
    assert.ok(handle.timeline.get().items.length <= 400);
    await handle.jumpToNewest();
    assert.equal(texts(client, conversation.id).at(-1), 'live250');
  });

  it('loads older pages up to the beginning, and jumps to a place', async () => {
    const conversation = scene.createConversation(170);
    const client = await scene.online(scene.ada);
    const handle = client.conversation(conversation.id);
    watch(client, conversation);
    await scene.until('a page', () => texts(client, conversation.id).length > 0);
    while (handle.timeline.get().hasOlder) await handle.loadOlder();
    assert.deepEqual(texts(client, conversation.id), said(1, 170));
    await handle.loadOlder();

    await handle.jumpTo(100);
    assert.equal(handle.timeline.get().hasNewer, false);
    const other = await scene.online(scene.bob);
    watch(other, conversation);
    await scene.until('a page', () => texts(other, conversation.id).length > 0);
    await other.conversation(conversation.id).jumpTo(60);
    const { firstSeq, lastSeq, hasNewer } = other.conversation(conversation.id).timeline.get();
    assert.deepEqual([firstSeq, lastSeq, hasNewer], [36, 85, true]);
    await assert.rejects(other.conversation(conversation.id).jumpTo(1_000), { code: 'not_found' });
  });

  it('does not fetch what another device of the user has acknowledged', async () => {
    const conversation = scene.createConversation(500);
    conversation.memberships.get(scene.ada)!.deliveredSeq = 501;
    const client = await scene.online(scene.ada);
    await scene.until('the newest page', () => texts(client, conversation.id).length === 50);
    assert.equal(scene.server.inputs('conversation:entries').length, 1);
  });

  it('waits briefly for a reordered live entry, and fetches one that was lost', async () => {
    const conversation = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    watch(client, conversation);
    await scene.until('a page', () => texts(client, conversation.id).length === 1);
    const pulls = () => scene.server.inputs('conversation:entries').length;
    const before = pulls();
    const [one, two, three, lost, five] = [2, 3, 4, 5, 6].map((index) =>
      scene.server.world.say(conversation, scene.bob, `b${index}`),
    );
    const emit = (payload: unknown) =>
      scene.server.emit({ userIds: [scene.ada], event: 'entry', payload });

    for (const entry of [three, one, one, two]) emit(entry);
    await scene.until('the order', () => texts(client, conversation.id).length === 4);
    assert.equal(pulls(), before);

    emit(five);
    await scene.until('the pull', () => texts(client, conversation.id).length === 6);
    assert.deepEqual(texts(client, conversation.id), said(1, 6));
    assert.equal(pulls(), before + 1);
    emit(lost);
    await scene.until('the mark', () => mark(conversation) === 7);
    assert.deepEqual(texts(client, conversation.id), said(1, 6));
  });

  it('learns of conversations that came and went while it was away', async () => {
    const gone = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    let fresh: Conversation | undefined;
    await away(client, () => {
      gone.memberships.delete(scene.ada);
      fresh = scene.createConversation(2);
    });
    const ids = client.conversations.get().conversations.map(({ id }) => id);
    assert.deepEqual(ids, [fresh?.id]);
    assert.equal(client.conversation(gone.id).info.get(), null);
    assert.equal(client.conversation(gone.id).timeline.get().items.length, 0);
  });

  it('learns of a new title and new members while it was away', async () => {
    const conversation = scene.server.world.conversation([scene.ada, scene.bob], 'Old');
    const client = await scene.online(scene.ada);
    const { info, members } = client.conversation(conversation.id);
    members.subscribe(() => undefined);
    await scene.until('the members', () => members.get().members.length === 2);
    await away(client, () => {
      conversation.title = 'New';
      const clientId = scene.server.world.newId();
      scene.server.world.append(conversation, {
        kind: 'title',
        senderId: scene.bob,
        clientId,
        title: 'New',
      });
      const userIds = [scene.server.world.user('carol')];
      scene.server.world.change(conversation, {
        action: 'added',
        userIds,
        role: null,
        senderId: scene.bob,
      });
    });
    assert.equal(info.get()?.title, 'New');
    assert.equal(members.get().members.length, 3);
  });

  it('learns of profiles that changed while it was away', async () => {
    const direct = scene.createConversation(1);
    const seen = scene.server.world.conversation([scene.ada, scene.bob], 'Seen');
    const unseen = scene.server.world.conversation([scene.ada, scene.bob], 'Not seen');
    const client = await scene.online(scene.ada);
    const nameIn = ({ id }: typeof seen) =>
      client.conversation(id).members.get().members[1]?.profile.displayName;
    client.conversation(seen.id).members.subscribe(() => undefined);
    const stop = client.conversation(unseen.id).members.subscribe(() => undefined);
    await scene.until('the members', () => nameIn(seen) === null && nameIn(unseen) === null);
    stop();
    await away(client, () => {
      scene.server.world.rename(scene.bob, 'Robert');
    });
    await scene.until('the name', () => nameIn(seen) === 'Robert');
    assert.equal(client.conversation(direct.id).info.get()?.peer?.displayName, 'Robert');
    client.conversation(unseen.id).members.subscribe(() => undefined);
    await scene.until('the name there', () => nameIn(unseen) === 'Robert');
  });

  it('learns of many conversations through few requests', async () => {
    for (let index = 0; index < 300; index += 1) scene.createConversation(1);
    const client = await scene.online(scene.ada);
    assert.equal(client.conversations.get().conversations.length, 300);
    assert.equal(scene.server.inputs('conversation:get').length, 0);
    assert.equal(scene.server.inputs('conversation:list').length, 3);
  });

  it('compares again when the server asks for it', async () => {
    const conversation = scene.createConversation(1);
    const client = await scene.online(scene.ada);
    watch(client, conversation);
    await scene.until('a page', () => texts(client, conversation.id).length === 1);
    say(conversation, 2, 5);
    scene.server.emit({ userIds: [scene.ada], event: 'resync', payload: { withinMs: 2_000 } });
    await scene.until('what was missed', () => texts(client, conversation.id).length === 5);
    assert.equal(scene.server.inputs('sync').length, 2);
  });

  it('tries a comparison again that failed', async () => {
    scene.createConversation(1);
    let failures = 7;
    scene.server.outcome = ({ name }) => {
      if (name !== 'sync' || failures === 0) return 'answer';
      failures -= 1;
      return new AppError('internal');
    };
    const client = await scene.online(scene.ada);
    assert.equal(client.conversations.get().conversations.length, 1);
  });

  it('hides a direct conversation that another user opened until its first message', async () => {
    const conversation = scene.server.world.conversation([scene.bob, scene.ada]);
    const client = await scene.online(scene.ada);
    assert.equal(client.conversations.get().conversations.length, 0);
    scene.say(conversation, 'hi');
    await scene.until('the row', () => client.conversations.get().conversations.length === 1);
  });

  it('shows a person nothing from before a new membership', async () => {
    const conversation = scene.server.world.conversation([scene.bob, scene.ada], 'Group');
    scene.server.world.say(conversation, scene.bob, 'then');
    const client = await scene.online(scene.ada);
    watch(client, conversation);
    await scene.until('the page', () => texts(client, conversation.id).includes('then'));
    await away(client, () => {
      const change = { userIds: [scene.ada], role: null, senderId: scene.bob };
      scene.server.world.change(conversation, { ...change, action: 'removed' });
      scene.server.world.say(conversation, scene.bob, 'between');
      scene.server.world.change(conversation, { ...change, action: 'added' });
      scene.server.world.say(conversation, scene.bob, 'now');
    });
    await scene.until('the new page', () => texts(client, conversation.id).includes('now'));
    assert.deepEqual(texts(client, conversation.id), ['now']);
  });

  it('converges to the same list, whatever events are lost, duplicated or late', async () => {
    const client = await scene.online(scene.ada);
    const script = fc.array(fc.constantFrom('tell', 'lose', 'double', 'late', 'cut', 'delete'), {
      minLength: 5,
      maxLength: 25,
    });
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const conversation = scene.createConversation(2);
        const unsubscribe = watch(client, conversation);
        const late: unknown[] = [];
        const emit = (payload: unknown) =>
          scene.server.emit({ userIds: [scene.ada], event: 'entry', payload });
        for (const [index, step] of steps.entries()) {
          if (step === 'cut') {
            scene.server.cut(scene.ada);
            continue;
          }
          const { world } = scene.server;
          const target = conversation.entries.findLast(({ kind }) => kind === 'message');
          const payload =
            step === 'delete'
              ? world.delete(conversation, target!.id, scene.bob)
              : world.say(conversation, scene.bob, `s${index}`);
          if (step === 'late') late.push(payload);
          else if (step !== 'lose') emit(payload);
          if (step === 'double') emit(payload);
          if (index % 7 === 6) late.splice(0).forEach(emit);
        }
        late.forEach(emit);
        emit(scene.server.world.say(conversation, scene.bob, 'end'));
        const wanted = conversation.entries.flatMap((each) =>
          each.kind === 'message' ? [each.text] : [],
        );
        const shown = () => {
          client.reconnect();
          return JSON.stringify(texts(client, conversation.id));
        };
        await scene.until('the list', () => shown() === JSON.stringify(wanted));
        await scene.until('the mark', () => mark(conversation) === conversation.entries.length);
        unsubscribe();
      }),
      { numRuns: 15 },
    );
  }).timeout(60_000);
});
