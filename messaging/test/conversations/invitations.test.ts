import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import { LIMITS, MINUTE } from '@parley/common';

import { InvitationRepository } from '../../src/conversations/invitation-repository.ts';
import { ConversationNode, people } from '../support/conversation-node.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('invitations by people unknown to a user', () => {
  let mongo: TestMongo;
  let node: ConversationNode;
  let victim: string;
  let stranger: string;
  let friend: string;

  before(async () => {
    mongo = await testDatabase();
    node = new ConversationNode(mongo, { limited: true });
  });
  beforeEach(async () => {
    [victim = '', stranger = '', friend = ''] = await people(mongo, 3);
    node.now += MINUTE;
  });
  after(async () => {
    await node.close();
    await mongo.drop();
  });

  const group = (who: string, ...userIds: string[]) =>
    node.refusal(who, 'conversation:create', { kind: 'group', title: 'G', userIds });
  const write = (who: string, userId: string) =>
    node.refusal(who, 'conversation:create', { kind: 'direct', userId });
  const add = (who: string, conversationId: string, ...userIds: string[]) =>
    node.refusal(who, 'member:add', { conversationId, userIds });
  const repository = () => new InvitationRepository(mongo.db);

  /** Lets a user belong to many conversations, of which `unanswered` are groups of strangers. */
  async function crowd(userId: string, count: number, unanswered: number) {
    const ids = Array.from({ length: count }, () => newId());
    const member = { role: 'member', joinedSeq: 1, joinedAt: 0 } as const;
    await node.node.members.project(
      ids.map((conversationId) => ({ conversationId, userId, seq: 1, member })),
    );
    const invited = ids.slice(0, unanswered);
    await repository().store(
      invited.map((conversationId) => {
        return { conversationId, userId, addedBy: newId(), kind: 'group', at: node.now };
      }),
    );
    return ids;
  }
  const befriend = async (one: string, other: string) => {
    const id = await node.direct(one, other);
    for (const who of [one, other]) await node.say(id, who, 'Hello');
  };

  it('do not count as conversations of the user, who can be written to and write as before', async () => {
    const most = LIMITS.conversationsPerUser;
    await befriend(friend, victim);
    await crowd(victim, most + 50, LIMITS.groupInvitations);
    assert.equal(await group(stranger, victim), 'limit_reached');
    assert.equal(await write(stranger, victim), undefined);
    assert.equal(await group(friend, victim), undefined);
    assert.equal(await write(victim, stranger), undefined);
    assert.equal(await group(victim), undefined);
  });

  it(`are at most ${LIMITS.groupInvitations} groups in which the user has not written`, async () => {
    const ids = await crowd(victim, LIMITS.groupInvitations, LIMITS.groupInvitations);
    assert.equal(await group(stranger, victim), 'limit_reached');
    const own = await node.group([stranger]);
    assert.equal(await add(stranger, own, victim), 'limit_reached');
    // The group that the user leaves, and the one that never came to be, make room.
    const seq = 2;
    await node.node.members.project([
      { conversationId: ids[0] ?? '', userId: victim, seq, member: null },
    ]);
    node.now += 2 * MINUTE;
    assert.equal(await group(stranger, victim), undefined);
    assert.equal(await group(stranger, victim), 'limit_reached');
  });

  it(`are at most ${LIMITS.groupInvitationsPerPair} groups of one stranger, in whatever way`, async () => {
    const own = await node.group([stranger]);
    assert.equal(await add(stranger, own, victim), undefined);
    for (let made = 1; made < LIMITS.groupInvitationsPerPair; made += 1) {
      assert.equal(await group(stranger, victim), undefined);
    }
    const another = await node.group([stranger]);
    assert.equal(await group(stranger, friend, victim), 'limit_reached');
    assert.equal(await add(stranger, another, victim), 'limit_reached');
    // Leaving makes no room for more of the same.
    await node.call(victim, 'member:remove', { conversationId: own, userId: victim });
    node.now += 2 * MINUTE;
    assert.equal(await add(stranger, another, victim), 'limit_reached');
    assert.equal(await group(friend, victim), undefined);
  });

  it('end when the user writes', async () => {
    const own = await node.group([stranger, victim]);
    for (let made = 1; made < LIMITS.groupInvitationsPerPair; made += 1) {
      assert.equal(await group(stranger, victim), undefined);
    }
    assert.equal(await group(stranger, victim), 'limit_reached');
    await node.say(own, victim, 'Hello');
    node.now += 2 * MINUTE;
    assert.equal(await group(stranger, victim), undefined);
    assert.equal(await group(stranger, victim), 'limit_reached');
  });

  it('are declined by leaving: only somebody known can add the user again', async () => {
    const conversationId = await node.group([stranger, friend, victim]);
    const admin = { conversationId, userId: friend, role: 'admin' } as const;
    await node.call(stranger, 'member:role', admin);
    await node.call(victim, 'member:remove', { conversationId, userId: victim });
    assert.equal(await add(stranger, conversationId, victim), 'forbidden');
    assert.equal(await add(friend, conversationId, victim), 'forbidden');
    await befriend(friend, victim);
    assert.equal(await add(friend, conversationId, victim), undefined);
    // Somebody who was removed has not declined.
    await node.call(stranger, 'member:remove', { conversationId, userId: victim });
    assert.equal(await add(stranger, conversationId, victim), undefined);
  });

  it(`go to at most ${LIMITS.invitationsPerDay} users in 24 hours`, async () => {
    const at = node.now;
    await repository().store(
      Array.from({ length: LIMITS.invitationsPerDay - 1 }, () => ({
        ...{ conversationId: newId(), userId: newId(), addedBy: stranger, kind: 'group', at },
      })),
    );
    assert.equal(await group(stranger, victim, friend), 'rate_limited');
    assert.equal(await group(stranger, victim), undefined);
    assert.equal(await write(stranger, friend), 'rate_limited');
    assert.equal(await group(stranger), undefined);
  });

  it('are not stored for members who may not add anybody, nor for people who know each other', async () => {
    const conversationId = await node.group([friend, stranger]);
    assert.equal(await add(stranger, conversationId, victim), 'forbidden');
    await befriend(friend, victim);
    assert.equal(await add(friend, conversationId, victim), undefined);
    const partner = { _id: stranger, partnerId: victim };
    await mongo.db.collection<{ _id: string; partnerId: string }>('statuses').insertOne(partner);
    assert.equal(await group(stranger, victim), undefined);
    const found = mongo.db.collection('invitations').find({ userId: victim, kind: 'group' });
    assert.deepEqual(await found.toArray(), []);
  });
});
