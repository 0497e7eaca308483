import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import { LIMITS } from '@parley/common';

import { ConversationNode, people } from '../support/conversation-node.ts';
import { newId, stored, testDatabase } from '../support/test-log.ts';

describe('creating conversations', () => {
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

  describe('a direct conversation', () => {
    it('is created once with one entry 1, when both users ask several times at once on two nodes', async () => {
      const [ann = '', ben = ''] = await people(mongo, 2);
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, index) => {
          const node = index % 2 === 0 ? one : two;
          return index % 4 < 2 ? node.direct(ann, ben) : node.direct(ben, ann);
        }),
      );
      const [id = ''] = ids;
      assert.deepEqual(new Set(ids).size, 1);
      const log = await stored(mongo, id);
      assert.deepEqual(
        log.map(({ clientId, kind, seq }) => [seq, kind, clientId]),
        [[1, 'members', 'create']],
      );
    });

    it('shows each user the other one, without roles or title', async () => {
      const [ann = '', ben = ''] = await people(mongo, 2);
      const seen = await one.call(ann, 'conversation:create', { kind: 'direct', userId: ben });
      assert.equal(seen.kind, 'direct');
      assert.equal(seen.title, null);
      assert.equal(seen.role, null);
      assert.equal(seen.peer?.id, ben);
      assert.equal(seen.joinedSeq, 1);
      assert.equal(seen.lastSeq, 1);
      assert.equal(seen.memberCount, 2);
      assert.deepEqual(seen.members.map(({ userId }) => userId).sort(), [ann, ben].sort());
      const other = await two.call(ben, 'conversation:get', { conversationId: seen.id });
      assert.equal(other.peer?.id, ann);
    });

    it('gets its entry 1 with the next request if the node that created it crashed', async () => {
      const [ann = '', ben = ''] = await people(mongo, 2);
      const _id = newId();
      await one.node.conversations.createOnce({
        ...{ _id, kind: 'direct', createdBy: ann, createdAt: 5, founders: [ann, ben] },
        ...{ founderTitle: null, directKey: [ann, ben].sort().join(':') },
      });
      assert.equal(await two.direct(ben, ann), _id);
      assert.equal((await stored(mongo, _id)).length, 1);
    });

    it('is refused with oneself, and with accounts that never existed or were deleted', async () => {
      const [ann = ''] = await people(mongo, 1);
      const [gone = ''] = await people(mongo, 1, { deletedAt: 3 });
      const refused = (userId: string) =>
        one.refusal(ann, 'conversation:create', { kind: 'direct', userId });
      assert.equal(await refused(ann), 'invalid_input');
      assert.equal(await refused(newId()), 'not_found');
      assert.equal(await refused(gone), 'recipient_unavailable');
    });

    it('does not allow changes of its title or members', async () => {
      const [ann = '', ben = '', cat = ''] = await people(mongo, 3);
      const conversationId = await one.direct(ann, ben);
      const refusals = [
        await one.refusal(ann, 'conversation:update', { conversationId, title: 'Us' }),
        await one.refusal(ann, 'member:add', { conversationId, userIds: [cat] }),
        await one.refusal(ann, 'member:remove', { conversationId, userId: ben }),
        await one.refusal(ann, 'member:remove', { conversationId, userId: ann }),
        await one.refusal(ann, 'member:role', { conversationId, userId: ben, role: 'owner' }),
      ];
      assert.deepEqual(new Set(refusals), new Set(['forbidden']));
      assert.equal((await stored(mongo, conversationId)).length, 1);
    });
  });

  describe('a group', () => {
    it('starts with its creator as owner and the others as members, in one entry', async () => {
      const [ann = '', ben = '', cat = ''] = await people(mongo, 3);
      const group = await one.call(ann, 'conversation:create', {
        kind: 'group',
        title: ' Climbing ',
        userIds: [ben, ann, cat],
      });
      assert.equal(group.title, 'Climbing');
      assert.equal(group.role, 'owner');
      assert.equal(group.memberCount, 3);
      assert.deepEqual(
        new Map(group.members.map(({ role, userId }) => [userId, role])),
        new Map([ann, ben, cat].sort().map((id) => [id, id === ann ? 'owner' : 'member'])),
      );
      assert.equal((await stored(mongo, group.id)).length, 1);
    });

    it('is the same for the same creator and clientId, and another one for other users', async () => {
      const [ann = '', ben = '', cat = ''] = await people(mongo, 3);
      const input = { kind: 'group', title: 'Once', userIds: [ben, cat], clientId: 'k' } as const;
      const make = (userId: string, change = {}) => {
        const wanted = { ...input, userIds: [...input.userIds], ...change };
        return (userId === ann ? one : two).call(userId, 'conversation:create', wanted);
      };
      const made = await Promise.all([make(ann), make(ann), make(ann), make(ann)]);
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      const reordered = await make(ann, { userIds: [cat, ben] });
      assert.equal(reordered.id, made[0].id);
      const others = await make(ben, { userIds: [ann, cat] });
      assert.notEqual(others.id, made[0].id);
      await assert.rejects(make(ann, { title: 'Twice' }), { code: 'client_id_reused' });
      await assert.rejects(make(ann, { userIds: [ben] }), { code: 'client_id_reused' });
    });

    it('can be repeated after the account of one of its members was deleted', async () => {
      const [ann = '', ben = ''] = await people(mongo, 2);
      const make = () =>
        one.call(ann, 'conversation:create', {
          ...{ kind: 'group', title: 'Once', userIds: [ben], clientId: 'later' },
        });
      const { id } = await make();
      await mongo.db
        .collection<{ _id: string }>('users')
        .updateOne({ _id: ben }, { $set: { deletedAt: 9 } });
      one.now += 10_000;
      assert.equal((await make()).id, id);
    });

    it('refuses accounts that never existed or were deleted', async () => {
      const [ann = '', ben = ''] = await people(mongo, 2);
      const [gone = ''] = await people(mongo, 1, { deletedAt: 3 });
      const refused = (userIds: string[]) =>
        one.refusal(ann, 'conversation:create', { kind: 'group', title: 'No', userIds });
      assert.equal(await refused([ben, newId()]), 'not_found');
      assert.equal(await refused([ben, gone]), 'recipient_unavailable');
    });
  });

  it(`is refused above ${LIMITS.conversationsPerUser} conversations of its creator, or of a member who knows the creator`, async () => {
    const [ann = '', ben = '', cat = ''] = await people(mongo, 3);
    const group = await one.group([cat, ben]);
    const known = await one.direct(ann, ben);
    const changes = Array.from({ length: LIMITS.conversationsPerUser - 1 }, () => ({
      conversationId: newId(),
      userId: ann,
      seq: 1,
      member: { role: null, joinedSeq: 1, joinedAt: 0 },
    }));
    await one.node.members.project(changes);

    const open = (userId: string, other: string) =>
      one.refusal(userId, 'conversation:create', { kind: 'direct', userId: other });
    assert.equal(await open(ann, cat), 'limit_reached');
    await one.say(known, ann, 'Hello');
    await one.say(known, ben, 'Hello');
    const add = (userId: string, conversationId: string) =>
      one.refusal(userId, 'member:add', { conversationId, userIds: [ann] });
    assert.equal(await add(ben, await one.group([ben])), 'limit_reached');
    // What people whom she does not know begin is not hers.
    assert.equal(await open(cat, ann), undefined);
    assert.equal(await add(cat, group), undefined);
    assert.equal(await one.direct(ann, ben), known);
  });
});
