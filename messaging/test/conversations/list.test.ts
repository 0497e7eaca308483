import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import type { ConversationItem } from '@parley/common/contract';

import { byPlace } from '../../src/conversations/list-cursor.ts';
import { ConversationNode, entriesOf, people } from '../support/conversation-node.ts';
import { seedConversations } from '../support/many-conversations.ts';
import { profiled } from '../support/profiled.ts';
import { newId, say, testDatabase } from '../support/test-log.ts';

describe('the list of conversations', () => {
  let mongo: TestMongo;
  let one: ConversationNode;
  let two: ConversationNode;
  before(async () => {
    mongo = await testDatabase();
    one = new ConversationNode(mongo);
    two = new ConversationNode(mongo);
  });
  after(async () => {
    await one.close();
    await two.close();
    await mongo.drop();
  });

  const list = async (userId: string, node = one): Promise<ConversationItem[]> =>
    (await node.call(userId, 'conversation:list', {})).conversations;
  const ids = (items: readonly ConversationItem[]) => items.map(({ id }) => id);

  /** Conversations of one user, the newest activity last. */
  async function conversationsOf(userId: string, count: number): Promise<string[]> {
    const made: string[] = [];
    for (const other of await people(mongo, count)) {
      one.now += 1_000;
      made.push(await one.direct(userId, other));
    }
    return made;
  }

  it('is sorted by activity, pinned ones first, at once on the node that wrote', async () => {
    const [ann = ''] = await people(mongo, 1);
    const [a = '', b = '', c = ''] = await conversationsOf(ann, 3);
    assert.deepEqual(ids(await list(ann)), [c, b, a]);
    one.now += 1_000;
    await one.say(a, ann, 'news');
    assert.deepEqual(ids(await list(ann)), [a, c, b]);
    await one.call(ann, 'conversation:settings', { conversationId: b, pinned: true });
    assert.deepEqual(ids(await list(ann)), [b, a, c]);
    await one.summaries.flush();
    assert.deepEqual(ids(await list(ann, two)), [b, a, c]);
    await one.call(ann, 'conversation:settings', { conversationId: b, pinned: false });
    assert.deepEqual(ids(await list(ann)), [a, c, b]);
  });

  it('is sorted correctly again after a summary was lost with its node', async () => {
    const [ann = ''] = await people(mongo, 1);
    const [a = '', b = ''] = await conversationsOf(ann, 2);
    await one.summaries.flush();
    const dying = new ConversationNode(mongo);
    dying.now = one.now + 1_000;
    await dying.node.log.append({ conversationId: a, senderId: ann, content: say('lost') });
    assert.deepEqual(ids(await list(ann)), [b, a]);
    await one.summaries.flush();
    assert.deepEqual(ids(await list(ann)), [a, b]);
    await dying.close();
  });

  it('is paged without gaps or duplicates among conversations that did not move', async () => {
    const [ann = ''] = await people(mongo, 1);
    const made = (await conversationsOf(ann, 9)).reverse();
    const first = await one.call(ann, 'conversation:list', { limit: 4 });
    assert.deepEqual(ids(first.conversations), made.slice(0, 4));
    // One conversation of the first page and one of a later page move to the front, and a new one is created.
    one.now += 1_000;
    await one.say(made[2]!, ann, 'again');
    await one.say(made[7]!, ann, 'again');
    await conversationsOf(ann, 1);
    const pages: string[] = [];
    let cursor = first.nextCursor;
    while (cursor !== null) {
      const page = await one.call(ann, 'conversation:list', { limit: 2, cursor });
      pages.push(...ids(page.conversations));
      cursor = page.nextCursor;
    }
    assert.deepEqual(pages, [made[4], made[5], made[6], made[8]]);
  });

  it('reads the places of the conversations that it shows, however many there are', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const made = await seedConversations(mongo.db, [ann, ben], 300);
    // Many were last active at the same moment.
    const lastAts = new Map(made.map((id, index) => [id, 1_000 + ((index * 7) % 40)]));
    await mongo.db.collection<{ _id: string }>('conversations').bulkWrite(
      [...lastAts].map(([_id, lastAt]) => ({
        updateOne: { filter: { _id }, update: { $set: { 'summary.lastAt': lastAt } } },
      })),
    );
    const pinned = [made[3]!, made[100]!, made[200]!];
    for (const conversationId of pinned) {
      await one.call(ann, 'conversation:settings', { conversationId, pinned: true });
    }
    const moved = [made[3]!, made[50]!];
    for (const id of moved) {
      one.now += 1_000;
      await one.say(id, ann, 'not in the summary yet');
      lastAts.set(id, one.now);
    }
    const wanted = made
      .map((conversationId) => {
        const lastAt = lastAts.get(conversationId) ?? 0;
        return { conversationId, lastAt, isPinned: pinned.includes(conversationId) };
      })
      .sort(byPlace)
      .map(({ conversationId }) => conversationId);
    const pages: string[] = [];
    let cursor: string | null = null;
    const commands = await profiled(mongo, /\.conversations$/, async () => {
      do {
        const input = { limit: 100, ...(cursor === null ? {} : { cursor }) };
        const page = await one.call(ann, 'conversation:list', input);
        pages.push(...ids(page.conversations));
        cursor = page.nextCursor;
      } while (cursor !== null);
    });
    assert.deepEqual(pages, wanted);
    const returned = commands.map(({ nreturned = 0 }) => nreturned);
    assert.ok(Math.max(...returned) <= 101, `${Math.max(...returned)} were returned`);
  });

  it('refuses an invalid cursor', async () => {
    const [ann = ''] = await people(mongo, 1);
    const forged = [`2|1|${newId()}`, `1|x|${newId()}`, '1|1|x', '1|1', 'null'];
    for (const text of forged) {
      const cursor = Buffer.from(text).toString('base64url');
      assert.equal(await one.refusal(ann, 'conversation:list', { cursor }), 'invalid_input');
    }
  });

  it('shows the newest message, the unread count and the end of the log', async () => {
    const [ann = '', ben = '', cat = ''] = await people(mongo, 3);
    const conversationId = await one.group([ann, ben]);
    await one.say(conversationId, ben, 'one', 'two');
    await one.say(conversationId, ann, 'three');
    await one.call(ann, 'member:add', { conversationId, userIds: [cat] });
    const [forAnn] = await list(ann);
    assert.equal(forAnn?.lastMessage?.text, 'three');
    assert.equal(forAnn.lastSeq, 5);
    assert.equal(forAnn.unreadCount, 2);
    const [forBen] = await list(ben);
    assert.equal(forBen?.unreadCount, 1);
    const [forCat] = await list(cat);
    assert.equal(forCat?.unreadCount, 0);
    assert.equal(forCat.lastMessage, null);
    assert.equal(forCat.joinedSeq, 5);

    await one.call(ann, 'receipt:read', { conversationId, seq: 2 });
    assert.equal((await list(ann))[0]?.unreadCount, 1);
  });

  it('counts up to 100, without deleted messages', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const conversationId = await one.direct(ann, ben);
    await one.say(conversationId, ben, ...Array.from({ length: 99 }, (_, index) => `${index}`));
    assert.equal((await list(ann))[0]?.unreadCount, 99);
    await one.say(conversationId, ben, 'x', 'y', 'z');
    assert.equal((await list(ann))[0]?.unreadCount, 100);
    await entriesOf(mongo).updateMany(
      { conversationId, seq: { $gt: 10 } },
      { $set: { deletedSeq: 200 } },
    );
    assert.equal((await list(ann))[0]?.unreadCount, 9);
    await one.say(conversationId, ann, ...Array.from({ length: 150 }, (_, index) => `${index}`));
    assert.equal((await list(ann))[0]?.unreadCount, 9);
    await one.say(conversationId, ben, ...Array.from({ length: 95 }, (_, index) => `${index}`));
    assert.equal((await list(ann))[0]?.unreadCount, 100);
  });

  it('hides a message whose deletion was not applied because of a crash', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const conversationId = await one.direct(ann, ben);
    const seq = await one.say(conversationId, ben, 'secret');
    const message = await entriesOf(mongo).findOne({ conversationId, seq });
    await entriesOf(mongo).insertOne({
      ...{ _id: newId(), conversationId, seq: seq + 1, kind: 'deletion', senderId: ben },
      ...{ clientId: 'd', at: one.now, messageId: message!._id, messageSeq: seq },
    });
    const [item] = await list(ann, two);
    assert.equal(item?.lastMessage?.text, null);
    assert.equal(item.lastMessage.revision, seq + 1);
    assert.equal(item.unreadCount, 0);
  });

  it('shows nothing to a user whose removal is not projected yet', async () => {
    const [ann = '', ben = '', cat = ''] = await people(mongo, 3);
    const conversationId = await one.group([ann, ben, cat]);
    await entriesOf(mongo).insertOne({
      ...{ _id: newId(), conversationId, seq: 2, kind: 'members', senderId: ann },
      ...{ clientId: 'r', at: one.now, action: 'removed', userIds: [ben], role: null },
    });
    assert.deepEqual(await list(ben, two), []);
    const [item] = await list(cat, two);
    assert.equal(item?.memberCount, 2);
  });

  it('shows receipts up to 50 members, without private reading', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const [shy = ''] = await people(mongo, 1, { privacy: { readReceipts: false, lastSeen: true } });
    const conversationId = await one.group([ann, ben, shy]);
    const seq = await one.say(conversationId, ann, 'a', 'b');
    await one.call(shy, 'receipt:read', { conversationId, seq });
    await one.call(ben, 'receipt:read', { conversationId, seq: 2 });
    const shown = async (userId: string) => {
      const [item] = await list(userId);
      return new Map(
        item?.receipts?.map((each) => [each.userId, [each.deliveredSeq, each.readSeq]]),
      );
    };
    const toAnn = await shown(ann);
    assert.deepEqual(toAnn.get(ben), [2, 2]);
    assert.deepEqual(toAnn.get(shy), [3, 0]);
    assert.deepEqual((await shown(shy)).get(shy), [3, 3]);

    const crowd = await people(mongo, 48);
    await one.call(ann, 'member:add', { conversationId, userIds: crowd });
    assert.equal((await list(ann))[0]?.receipts, undefined);
    await one.call(ann, 'member:remove', { conversationId, userId: crowd[0]! });
    assert.equal((await list(ann))[0]?.receipts?.length, 50);
  });

  it('agrees with conversation:get in everything but the members', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const conversationId = await one.direct(ann, ben);
    await one.say(conversationId, ben, 'hello');
    await one.summaries.flush();
    const { members, ...single } = await two.call(ann, 'conversation:get', { conversationId });
    assert.deepEqual((await list(ann, two))[0], single);
    assert.equal(members.length, 2);
  });

  it('contains the settings of the user, which are sent to every device', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const conversationId = await one.direct(ann, ben);
    const change = { mutedUntil: 99, archived: true, unread: true };
    const settings = await one.call(ann, 'conversation:settings', { conversationId, ...change });
    assert.deepEqual(settings, { ...change, pinned: false });
    const payload = { action: 'updated', conversationId, settings };
    assert.deepEqual(one.sentEvents.at(-1), { to: { userId: ann }, name: 'conversation', payload });
    assert.deepEqual((await list(ann))[0]?.settings, settings);
    assert.equal((await list(ben))[0]?.settings.archived, false);
    const again = await one.call(ann, 'conversation:settings', {
      conversationId,
      mutedUntil: null,
    });
    assert.deepEqual(again, { ...settings, mutedUntil: null });
  });
});
