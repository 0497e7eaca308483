import assert from 'node:assert/strict';

import { AppError } from '@parley/common';

import type { Client } from '../src/index.ts';
import { Scene, texts } from './support/scene.ts';

describe('A conversation', () => {
  let scene: Scene;
  let ada: Client;
  let bob: Client;
  beforeEach(async () => {
    scene = await Scene.open();
    ada = await scene.online(scene.ada);
    bob = await scene.online(scene.bob);
  });
  afterEach(() => scene.close());

  const group = async () => {
    const id = await ada.createGroup({ title: 'Trip', userIds: [scene.bob] });
    await scene.until('the group there', () => bob.conversation(id).info.get() !== null);
    for (const client of [ada, bob]) {
      client.conversation(id).timeline.subscribe(() => undefined);
      client.conversation(id).members.subscribe(() => undefined);
    }
    return [ada.conversation(id), bob.conversation(id)] as const;
  };

  it('of two people appears at the other with its first message', async () => {
    const id = await ada.createDirect(scene.bob);
    assert.equal(ada.conversations.get().conversations[0]?.peer?.username, 'bob');
    assert.equal(bob.conversations.get().conversations.length, 0);
    ada.conversation(id).send('hello');
    await scene.until('the row', () => bob.conversations.get().conversations.length === 1);
    const [row] = bob.conversations.get().conversations;
    assert.deepEqual(
      [row?.unreadCount, row?.lastMessage?.text, row?.peer?.username],
      [1, 'hello', 'ada'],
    );
  });

  it('of a group changes its title, members and roles live', async () => {
    const [mine, theirs] = await group();
    await mine.updateTitle('Journey');
    await scene.until('the title', () => theirs.info.get()?.title === 'Journey');

    const carol = scene.server.world.user('carol');
    await mine.addMembers([carol]);
    await scene.until('three here', () => mine.members.get().members.length === 3);
    await scene.until('three there', () => theirs.members.get().members.length === 3);
    assert.equal(theirs.info.get()?.memberCount, 3);
    assert.equal(bob.profile(carol).get()?.username, 'carol');

    await mine.setRole(scene.bob, 'admin');
    await scene.until('the role', () => theirs.info.get()?.role === 'admin');
    await mine.removeMember(carol);
    await scene.until('two there', () => theirs.members.get().members.length === 2);
    await mine.loadMembers();
    assert.deepEqual([mine.members.get().complete, mine.members.get().members.length], [true, 2]);

    const kinds = theirs.timeline.get().items.map((item) => item.kind);
    assert.deepEqual(kinds, ['members', 'title', 'members', 'members', 'members']);
  });

  it('counts as unread again when its mute ends, by the clock of the server', async () => {
    const [mine, theirs] = await group();
    bob.conversations.subscribe(() => undefined);
    await theirs.setSettings({ mutedUntil: bob.now() + 3_600_000 });
    mine.send('quiet');
    await scene.until('the message', () => theirs.info.get()?.unreadCount === 1);
    assert.equal(bob.conversations.get().unread, 0);
    await scene.time.advance(3_500_000);
    assert.equal(bob.conversations.get().unread, 0);
    await scene.time.advance(200_000);
    assert.equal(bob.conversations.get().unread, 1);
  });

  it('disappears when the user is removed, and when they leave', async () => {
    const [mine, theirs] = await group();
    await mine.removeMember(scene.bob);
    await scene.until('the removal', () => theirs.info.get() === null);
    assert.equal(bob.conversations.get().conversations.length, 0);
    assert.equal(theirs.timeline.get().items.length, 0);
    await mine.leave();
    assert.equal(mine.info.get(), null);
  });

  it('removes a deleted message everywhere', async () => {
    const [mine, theirs] = await group();
    mine.send('secret');
    await scene.until('it there', () => texts(bob, theirs.id).includes('secret'));
    assert.equal(theirs.info.get()?.unreadCount, 1);
    const message = mine.timeline.get().items.at(-1);
    await mine.deleteMessage((message?.kind === 'message' && message.messageId) || '');
    await scene.until('nothing there', () => !texts(bob, theirs.id).includes('secret'));
    for (const handle of [mine, theirs]) {
      assert.equal(handle.info.get()?.lastMessage?.deleted, true);
      assert.equal(handle.info.get()?.lastMessage?.text, null);
    }
    assert.equal(theirs.info.get()?.unreadCount, 0);
  });

  it('is muted, archived, pinned and marked at once, and back when that is refused', async () => {
    const [mine] = await group();
    await mine.setSettings({ pinned: true, unread: true });
    assert.equal(ada.conversations.get().unread, 1);
    mine.markRead();
    assert.equal(mine.info.get()?.settings.unread, false);
    const conversation = scene.server.world.conversations.get(mine.id)!;
    const membership = conversation.memberships.get(scene.ada)!;
    await scene.until('the flag there', () => !membership.settings.unread);
    assert.equal(membership.settings.pinned, true);

    scene.server.outcome = ({ name }) =>
      name === 'conversation:settings' ? new AppError('forbidden') : 'answer';
    const refused = mine.setSettings({ archived: true });
    assert.equal(mine.info.get()?.settings.archived, true);
    await assert.rejects(refused, { code: 'forbidden' });
    assert.equal(mine.info.get()?.settings.archived, false);
  });

  it('takes settings and read marks of another device', async () => {
    const [mine] = await group();
    const other = await scene.online(scene.ada);
    bob.conversation(mine.id).send('one');
    bob.conversation(mine.id).send('two');
    await scene.until('unread', () => mine.info.get()?.unreadCount === 2);
    await scene.until('unread', () => other.conversation(mine.id).info.get()?.unreadCount === 2);
    await other.conversation(mine.id).setSettings({ archived: true });
    await scene.until('archived', () => mine.info.get()?.settings.archived === true);
    other.conversation(mine.id).markRead(2);
    await scene.until('one left', () => mine.info.get()?.unreadCount === 1);
    assert.equal(mine.info.get()?.readSeq, 2);
  });

  it('asks the server to count again when only a part is read of what it counted', async () => {
    const conversation = scene.createConversation(30);
    const carol = await scene.online(scene.ada);
    const { info, markRead } = carol.conversation(conversation.id);
    assert.equal(info.get()?.unreadCount, 30);
    markRead(11);
    assert.equal(info.get()?.readSeq, 11);
    await scene.until('the count', () => info.get()?.unreadCount === 20);
    assert.equal(scene.server.inputs('receipt:read').length, 1);
  });

  it('sends one read mark for many calls, and never a lower one', async () => {
    const conversation = scene.createConversation(20);
    const client = await scene.online(scene.ada);
    const { timeline, markRead, info } = client.conversation(conversation.id);
    timeline.subscribe(() => undefined);
    await scene.until('a page', () => texts(client, conversation.id).length === 20);
    for (const seq of [5, 9, 21, 7]) markRead(seq);
    assert.equal(info.get()?.unreadCount, 0);
    await scene.until('the mark', () => conversation.memberships.get(scene.ada)!.readSeq === 21);
    await scene.time.advance(2_000);
    assert.deepEqual(
      scene.server.inputs('receipt:read').map(({ seq }) => seq),
      [21],
    );
  });

  it('is read in a group when everybody has read it, and by those who came later', async () => {
    const [mine, theirs] = await group();
    mine.send('hello');
    const state = () => {
      const item = mine.timeline.get().items.findLast(({ kind }) => kind === 'message');
      return item?.kind === 'message' ? item.delivery?.state : undefined;
    };
    await scene.until('it there', () => texts(bob, theirs.id).includes('hello'));
    const carol = scene.server.world.user('carol');
    await mine.addMembers([carol]);
    theirs.markRead();
    await scene.until('read', () => state() === 'read');
    mine.send('and now');
    await scene.until('it there', () => texts(bob, theirs.id).includes('and now'));
    theirs.markRead();
    await scene.time.advance(3_000);
    assert.equal(state(), 'sent');
    await scene.online(carol);
    await scene.until('delivered', () => state() === 'delivered');
  });

  it('reports live entries once, and whether they are own', async () => {
    const [mine, theirs] = await group();
    const heard: unknown[] = [];
    const stop = bob.onEntry(({ entry, own }) => {
      heard.push([entry.kind === 'message' && entry.text, own]);
    });
    mine.send('a');
    await scene.until('it there', () => texts(bob, theirs.id).includes('a'));
    const conversation = scene.server.world.conversations.get(mine.id)!;
    const again = { userIds: [scene.bob], event: 'entry', payload: conversation.entries.at(-1) };
    scene.server.emit(again);
    stop();
    mine.send('b');
    await scene.until('it there', () => texts(bob, theirs.id).includes('b'));
    assert.deepEqual(heard, [['a', false]]);
  });

  it('that does not exist shows as failed, and can be asked for again', async () => {
    const { timeline, info, reload } = ada.conversation(scene.server.world.newId());
    assert.equal(timeline.get().status, 'idle');
    timeline.subscribe(() => undefined);
    await scene.until('the failure', () => timeline.get().status === 'failed');
    assert.equal(timeline.get().error, 'not_found');
    assert.equal(info.get(), null);
    void reload();
    assert.equal(timeline.get().status, 'loading');
    await scene.until('the failure', () => timeline.get().status === 'failed');
  });

  it('shows a changed profile everywhere', async () => {
    const [mine, theirs] = await group();
    const direct = await ada.createDirect(scene.bob);
    ada.conversation(direct).send('hello');
    await scene.until('the row', () => bob.conversation(direct).info.get() !== null);
    const state = () => ada.conversation(direct).info.get()?.lastMessage?.delivery?.state;
    await scene.until('the delivery', () => state() === 'delivered');
    const payload = scene.server.world.rename(scene.ada, 'Ada Lovelace');
    const nameIn = (members: typeof theirs.members) =>
      members.get().members.find(({ userId }) => userId === scene.ada)?.profile.displayName;
    const before = ada.conversation(direct).info.get();
    const userIds = [scene.ada, scene.bob];
    scene.server.emit({ userIds, event: 'profile', payload });
    const isSeenBy = (members: typeof theirs.members) => nameIn(members) === 'Ada Lovelace';
    await scene.until('the member', () => [theirs, mine].every((one) => isSeenBy(one.members)));
    assert.equal(bob.conversation(direct).info.get()?.peer?.displayName, 'Ada Lovelace');
    assert.equal(bob.profile(scene.ada).get()?.displayName, 'Ada Lovelace');
    assert.equal(ada.conversation(direct).info.get(), before);
  });

  it('ignores events and entry kinds of later versions', async () => {
    const [mine, theirs] = await group();
    const conversation = scene.server.world.conversations.get(mine.id)!;
    const clientId = scene.server.world.newId();
    const entry = scene.server.world.append(conversation, {
      kind: 'hologram' as 'title',
      senderId: scene.ada,
      clientId,
    });
    scene.server.emit({ userIds: [scene.bob], event: 'entry', payload: entry });
    scene.server.emit({ userIds: [scene.bob], event: 'brand:new', payload: 7 });
    mine.send('after it');
    await scene.until('it there', () => texts(bob, theirs.id).includes('after it'));
    assert.equal(theirs.timeline.get().items.length, 2);
  });
});

describe('Typing and presence', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.open();
  });
  afterEach(() => scene.close());

  it('shows who types until they stop, send, or pause', async () => {
    const conversation = scene.createConversation();
    const ada = await scene.online(scene.ada);
    const bob = await scene.online(scene.bob);
    const mine = ada.conversation(conversation.id);
    const { typing } = bob.conversation(conversation.id);
    const writes = () => scene.until('writing', () => typing.get().length === 1);
    const stops = () => scene.until('silence', () => typing.get().length === 0);

    for (let press = 0; press < 10; press += 1) mine.setTyping(true);
    await writes();
    assert.equal(scene.server.inputs('typing').length, 1);
    assert.deepEqual(bob.conversations.get().conversations[0]?.typing ?? [scene.ada], [scene.ada]);
    mine.setTyping(false);
    await stops();

    mine.setTyping(true);
    await writes();
    mine.send('there');
    await stops();

    mine.setTyping(true);
    await writes();
    await stops();
    assert.deepEqual(
      scene.server.inputs('typing').map(({ typing: isTyping }) => isTyping),
      [true, false, true, true, false],
    );
    mine.setTyping(true);
    await writes();
    scene.server.cut(scene.bob);
    await stops();
  });

  for (const action of ['removed', 'left'] as const) {
    it(`shows nobody typing who has ${action === 'left' ? 'left' : 'been removed'}`, async () => {
      const { ada: adaId, bob: bobId, server } = scene;
      const conversation = server.world.conversation([bobId, adaId], 'Group');
      const bob = await scene.online(bobId);
      const { timeline, typing } = bob.conversation(conversation.id);
      timeline.subscribe(() => undefined);
      const ada = await scene.online(adaId);
      ada.conversation(conversation.id).setTyping(true);
      await scene.until('writing', () => typing.get().length === 1);
      const senderId = action === 'left' ? adaId : bobId;
      const payload = server.world.change(conversation, {
        ...{ action, userIds: [adaId], role: null, senderId },
      });
      server.emit({ userIds: [bobId], event: 'entry', payload });
      const isSeen = () => timeline.get().items.some((item) => item.key === payload.id);
      await scene.until('the change', isSeen);
      assert.deepEqual(typing.get(), []);
    });
  }

  it('watches a presence while it has subscribers', async () => {
    const conversation = scene.createConversation(1);
    const ada = await scene.online(scene.ada);
    const presence = ada.presence(scene.bob);
    assert.equal(presence.get().online, null);
    const stops = [presence.subscribe(() => undefined), presence.subscribe(() => undefined)];
    await scene.until('online', () => presence.get().online === true);
    assert.equal(ada.conversation(conversation.id).info.get()?.presence?.online, true);

    const payload = { userId: scene.bob, online: false, lastSeenAt: 5 };
    scene.server.emit({ userIds: [scene.ada], event: 'presence', payload });
    await scene.until('offline', () => presence.get().lastSeenAt === 5);

    scene.server.cut(scene.ada);
    await scene.until('unknown', () => presence.get().online === null);
    await scene.until('online again', () => presence.get().online === true);
    assert.equal(scene.server.inputs('presence:watch').length, 2);

    for (const stop of stops) stop();
    await scene.until('the end', () => scene.server.inputs('presence:unwatch').length === 1);
    assert.deepEqual(scene.server.inputs('presence:unwatch')[0]?.['userIds'], [scene.bob]);
  });

  it('asks again for the presence of a stranger after the first messages', async () => {
    const { hidden } = scene.server.world;
    const conversation = scene.createConversation();
    hidden.add(scene.bob);
    const presence = (await scene.online(scene.ada)).presence(scene.bob);
    presence.subscribe(() => undefined);
    await scene.until('offline', () => presence.get().online === false);
    hidden.delete(scene.bob);
    scene.say(conversation, 'Hello');
    await scene.until('online', () => presence.get().online === true);
  });

  it('watches the people of the list while the list is shown', async () => {
    scene.createConversation(1);
    const ada = await scene.online(scene.ada);
    const stop = ada.conversations.subscribe(() => undefined);
    const row = () => ada.conversations.get().conversations[0];
    await scene.until('online', () => row()?.presence?.online === true);
    stop();
    await scene.until('the end', () => scene.server.inputs('presence:unwatch').length === 1);
  });

  it('loads the profile of somebody who is in no list, once', async () => {
    const asked: string[] = [];
    const ada = await scene.online(scene.ada, {
      loadProfile: (userId) => {
        asked.push(userId);
        return asked.length === 1
          ? Promise.reject(new Error('not now'))
          : Promise.resolve(scene.server.world.profile(userId));
      },
    });
    const profile = ada.profile(scene.bob);
    profile.subscribe(() => undefined)();
    await scene.until('the failure', () => asked.length === 1);
    await scene.time.advance(1);
    const stop = profile.subscribe(() => undefined);
    await scene.until('the profile', () => profile.get()?.username === 'bob');
    stop();
    profile.subscribe(() => undefined)();
    assert.equal(asked.length, 2);
  });

  it('asks again for a name that is shown once there is a connection again', async () => {
    let asked = 0;
    const ada = await scene.online(scene.ada, {
      loadProfile: (userId) => {
        asked += 1;
        return asked === 1
          ? Promise.reject(new Error('no network'))
          : Promise.resolve(scene.server.world.profile(userId));
      },
    });
    const profile = ada.profile(scene.bob);
    const stop = profile.subscribe(() => undefined);
    await scene.until('the failure', () => asked === 1);
    await scene.time.advance(1);
    scene.server.cut(scene.ada);
    await scene.until('the profile', () => profile.get()?.username === 'bob');
    scene.server.cut(scene.ada);
    await scene.until('the next connection', () => ada.connection.get().status !== 'online');
    await scene.until('the next connection', () => ada.connection.get().status === 'online');
    stop();
    assert.equal(asked, 2);
  });
});
