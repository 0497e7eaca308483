import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { ConversationNode, people } from '../support/conversation-node.ts';
import { newId, stored, testDatabase } from '../support/test-log.ts';

describe('members of a group', () => {
  let mongo: TestMongo;
  let one: ConversationNode;
  let two: ConversationNode;
  let ann: string;
  let ben: string;
  let cat: string;
  let dan: string;
  let conversationId: string;
  before(async () => {
    mongo = await testDatabase();
    one = new ConversationNode(mongo);
    two = new ConversationNode(mongo);
  });
  beforeEach(async () => {
    [ann = '', ben = '', cat = '', dan = ''] = await people(mongo, 4);
    conversationId = await one.group([ann, ben, cat]);
  });
  after(async () => {
    await one.close();
    await two.close();
    await mongo.drop();
  });

  it('are added once: adding a member again writes nothing', async () => {
    const add = (userIds: string[]) => one.call(ann, 'member:add', { conversationId, userIds });
    const first = await add([dan, ben]);
    assert.deepEqual(
      first.members.map(({ joinedSeq, role, userId }) => [userId, role, joinedSeq]),
      [
        [dan, 'member', 2],
        [ben, 'member', 1],
      ],
    );
    assert.deepEqual(await add([dan]), { members: [first.members[0]] });
    assert.equal((await stored(mongo, conversationId)).length, 2);
  });

  it('are added with a clientId that is valid for these users only', async () => {
    const add = (userIds: string[]) =>
      one.call(ann, 'member:add', { conversationId, userIds, clientId: 'k' });
    await add([dan]);
    const [eve = ''] = await people(mongo, 1);
    await assert.rejects(add([eve]), { code: 'client_id_reused' });
    assert.equal((await add([dan])).members.length, 1);
    assert.equal((await stored(mongo, conversationId)).length, 2);
  });

  it('can only be existing users', async () => {
    const [gone = ''] = await people(mongo, 1, { deletedAt: 3 });
    const refused = (userIds: string[]) =>
      one.refusal(ann, 'member:add', { conversationId, userIds });
    assert.equal(await refused([dan, newId()]), 'not_found');
    assert.equal(await refused([gone]), 'recipient_unavailable');
    assert.equal((await stored(mongo, conversationId)).length, 1);
  });

  it('without a role cannot add, remove or rename', async () => {
    const refusals = [
      await one.refusal(ben, 'member:add', { conversationId, userIds: [dan] }),
      await one.refusal(ben, 'member:remove', { conversationId, userId: cat }),
      await one.refusal(ben, 'member:role', { conversationId, userId: ben, role: 'owner' }),
      await one.refusal(ben, 'conversation:update', { conversationId, title: 'Mine' }),
    ];
    assert.deepEqual(refusals, ['forbidden', 'forbidden', 'forbidden', 'forbidden']);
    assert.equal((await stored(mongo, conversationId)).length, 1);
  });

  it('are removed once: removing a user who is not a member has no effect', async () => {
    const remove = (userId: string) => one.call(ann, 'member:remove', { conversationId, userId });
    assert.deepEqual(await remove(ben), {});
    assert.deepEqual(await remove(ben), {});
    assert.deepEqual(await remove(newId()), {});
    assert.equal((await stored(mongo, conversationId)).length, 2);
  });

  it('lose access at once on every node, and in the lists, when they are removed', async () => {
    const sentSeq = await two.say(conversationId, ben, 'hello');
    await one.call(ann, 'member:remove', { conversationId, userId: ben });
    const refusals = [
      await two.refusal(ben, 'conversation:get', { conversationId }),
      await two.refusal(ben, 'conversation:update', { conversationId }),
      await two.refusal(ben, 'conversation:update', { conversationId, title: 'Back' }),
      await two.refusal(ben, 'conversation:settings', { conversationId, pinned: true }),
      await two.refusal(ben, 'member:list', { conversationId }),
      await two.refusal(ben, 'member:add', { conversationId, userIds: [dan] }),
      await two.refusal(ben, 'member:remove', { conversationId, userId: cat }),
      await two.refusal(ben, 'member:remove', { conversationId, userId: ben }),
      await two.refusal(ben, 'member:role', { conversationId, userId: cat, role: 'admin' }),
      await two.refusal(ben, 'receipt:read', { conversationId, seq: sentSeq + 1 }),
    ];
    assert.deepEqual(
      refusals,
      Array.from({ length: 10 }, () => 'not_found'),
    );
    assert.deepEqual((await two.call(ben, 'conversation:list', {})).conversations, []);
    const { members } = await two.call(cat, 'member:list', { conversationId });
    assert.deepEqual(members.map(({ userId }) => userId).sort(), [ann, cat].sort());
  });

  it('are hidden from other users as if the conversation did not exist', async () => {
    for (const id of [conversationId, newId()]) {
      const refusals = [
        await one.refusal(dan, 'conversation:get', { conversationId: id }),
        await one.refusal(dan, 'member:list', { conversationId: id }),
        await one.refusal(dan, 'member:add', { conversationId: id, userIds: [dan] }),
        await one.refusal(dan, 'member:role', { conversationId: id, userId: dan, role: 'owner' }),
        await one.refusal(dan, 'conversation:settings', { conversationId: id, pinned: true }),
        await one.refusal(dan, 'receipt:delivered', { conversationId: id, seq: 1 }),
      ];
      assert.deepEqual(
        refusals,
        Array.from({ length: 6 }, () => 'not_found'),
      );
    }
  });

  it('who leave get the same answer when they repeat it with the same clientId', async () => {
    const leave = () =>
      one.call(ben, 'member:remove', { conversationId, userId: ben, clientId: 'bye' });
    assert.deepEqual(await leave(), {});
    assert.deepEqual(await leave(), {});
    const last = (await stored(mongo, conversationId)).at(-1);
    assert.equal(last?.kind === 'members' && last.action, 'left');
    assert.equal(last?.seq, 2);
  });

  it('include one of two admins who remove each other at the same time on two nodes', async () => {
    for (const userId of [ben, cat]) {
      await one.call(ann, 'member:role', { conversationId, userId, role: 'admin' });
    }
    const refusals = await Promise.all([
      one.refusal(ben, 'member:remove', { conversationId, userId: cat }),
      two.refusal(cat, 'member:remove', { conversationId, userId: ben }),
    ]);
    assert.deepEqual(
      refusals.filter((code) => code !== undefined),
      ['not_found'],
    );
    const winner = refusals[0] === undefined ? ben : cat;
    const { members } = await one.call(ann, 'member:list', { conversationId });
    assert.deepEqual(members.map(({ userId }) => userId).sort(), [ann, winner].sort());
  });

  it('get an owner when the last one leaves, in the same step', async () => {
    await one.call(ann, 'member:role', { conversationId, userId: cat, role: 'admin' });
    await one.call(ann, 'member:remove', { conversationId, userId: ann });
    assert.equal((await two.call(cat, 'conversation:get', { conversationId })).role, 'owner');
    const { conversations } = await two.call(cat, 'conversation:list', {});
    assert.equal(conversations[0]?.role, 'owner');
    assert.equal((await stored(mongo, conversationId)).length, 3);
  });

  it('keep an owner: the last one cannot give up the role', async () => {
    const demote = { conversationId, userId: ann, role: 'member' } as const;
    assert.equal(await one.refusal(ann, 'member:role', demote), 'conflict');
    await one.call(ann, 'member:role', { conversationId, userId: ben, role: 'owner' });
    assert.equal((await one.call(ann, 'member:role', demote)).role, 'member');
  });

  it('get roles only while they are members', async () => {
    const promote = { conversationId, userId: dan, role: 'admin' } as const;
    assert.equal(await one.refusal(ann, 'member:role', promote), 'not_found');
  });

  it('are listed by id, page by page, while others leave or join', async () => {
    const more = await people(mongo, 7);
    await one.call(ann, 'member:add', { conversationId, userIds: more });
    const all = [ann, ben, cat, ...more].sort();
    const first = await one.call(ben, 'member:list', { conversationId, limit: 4 });
    assert.deepEqual(
      first.members.map(({ userId }) => userId),
      all.slice(0, 4),
    );
    const removed = first.members.map(({ userId }) => userId).find((id) => more.includes(id)) ?? '';
    await one.call(ann, 'member:remove', { conversationId, userId: removed });
    const second = await one.call(ben, 'member:list', {
      ...{ conversationId, limit: 4, cursor: first.nextCursor ?? '' },
    });
    assert.deepEqual(
      second.members.map(({ userId }) => userId),
      all.slice(4, 8),
    );
    const third = await one.call(ben, 'member:list', {
      ...{ conversationId, limit: 4, cursor: second.nextCursor ?? '' },
    });
    assert.deepEqual(
      third.members.map(({ userId }) => userId),
      all.slice(8),
    );
    assert.equal(third.nextCursor, null);
    const bad = { conversationId, cursor: 'nonsense' };
    assert.equal(await one.refusal(ben, 'member:list', bad), 'invalid_input');
  });

  it('see a new title on every node, in the conversation and in the list', async () => {
    const rename = { conversationId, title: 'New', clientId: 'k' };
    assert.equal((await one.call(ann, 'conversation:update', rename)).title, 'New');
    assert.equal((await one.call(ann, 'conversation:update', rename)).title, 'New');
    assert.equal((await two.call(ben, 'conversation:get', { conversationId })).title, 'New');
    assert.equal((await two.call(ben, 'conversation:list', {})).conversations[0]?.title, 'New');
    assert.equal((await stored(mongo, conversationId)).length, 2);
  });
});
