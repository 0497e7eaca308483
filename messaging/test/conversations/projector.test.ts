import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';
import fc from 'fast-check';

import type { MemberDocument } from '../../src/conversations/member-document.ts';
import type { EntryDocument, MembersDocument } from '../../src/log/entry-document.ts';
import { emptyMembership, fold } from '../../src/log/fold.ts';
import type { ConversationState } from '../../src/log/state.ts';
import { ConversationNode, entriesOf, people } from '../support/conversation-node.ts';
import { newId, stored, testDatabase } from '../support/test-log.ts';

describe('the stored members of a conversation', () => {
  let mongo: TestMongo;
  let one: ConversationNode;
  before(async () => {
    mongo = await testDatabase();
    one = new ConversationNode(mongo);
  });
  after(async () => {
    await one.close();
    await mongo.drop();
  });

  it('match the log for any order of the writes of several nodes, even if some are lost', async () => {
    await fc.assert(
      fc.asyncProperty(anyHistory, async ({ changes, lost, order }) => {
        const { documents, states } = await historyOf(changes);
        const steps = documents.map((document, index) => ({
          before: states[index]!,
          after: states[index + 1]!,
          documents: [document],
        }));
        const arriving = order.map((place) => steps[place % steps.length]!);
        for (const step of [...arriving, ...steps.filter((_, index) => !lost.has(index))]) {
          await one.projector.project(step);
        }
        const last = states.at(-1)!;
        await one.projector.ensure(last);
        // Writes that arrive after the repair have no effect.
        await Promise.all(steps.map((step) => one.projector.project(step)));
        assert.deepEqual(await presentMembers(last.conversationId), expected(last));
      }),
      { numRuns: 25 },
    );
  });

  it('are correct when two nodes write the same new member at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { documents, states } = await historyOf([
        { action: 'added', person: 0 },
        { action: 'removed', person: 0 },
        { action: 'added', person: 0 },
      ]);
      await Promise.all(
        documents.map((document, index) =>
          one.projector.project({
            before: states[index]!,
            after: states[index + 1]!,
            documents: [document],
          }),
        ),
      );
      const last = states.at(-1)!;
      assert.deepEqual(await presentMembers(last.conversationId), expected(last));
    }
  });

  it('do not count as written up to an entry while an earlier one is missing', async () => {
    const { documents, states } = await historyOf([
      { action: 'added', person: 0 },
      { action: 'added', person: 1 },
    ]);
    // The node that wrote the first two entries crashed before it projected them.
    const step = { before: states[2]!, after: states[3]!, documents: [documents[2]!] };
    await one.projector.project(step);
    const last = states.at(-1)!;
    assert.deepEqual(await presentMembers(last.conversationId), expected(last));
    const conversation = await one.node.conversations.find(last.conversationId);
    assert.equal(conversation?.membersSeq, last.membership.version);
    assert.equal(conversation.memberCount, last.membership.members.size);
  });

  it('are not restored when the node that added a member writes long after the removal', async () => {
    const { documents, states } = await historyOf([
      { action: 'added', person: 0 },
      { action: 'removed', person: 0 },
    ]);
    const last = states.at(-1)!;
    await one.projector.ensure(last);
    const late = { before: states[1]!, after: states[2]!, documents: [documents[1]!] };
    await one.projector.project(late);
    assert.deepEqual(await presentMembers(last.conversationId), expected(last));
  });

  it('are not restored when another node repairs a state from between two entries of a batch', async () => {
    const { documents, states } = await historyOf([
      { action: 'added', person: 0 },
      { action: 'removed', person: 0 },
    ]);
    const last = states.at(-1)!;
    const { conversationId } = last;
    await one.projector.project({
      before: states[0]!,
      after: states[1]!,
      documents: [documents[0]!],
    });
    const run = { before: states[1]!, after: last, documents: documents.slice(1) };
    await one.projector.project(run);
    await one.projector.heal({ _id: conversationId, membersSeq: 1 }, states[2]!);
    assert.deepEqual(await presentMembers(conversationId), expected(last));
  });

  it('are repaired by the next load of the conversation, with the title', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const id = await one.group([ann, ben], 'Before');
    await one.call(ann, 'conversation:update', { conversationId: id, title: 'After' });
    await one.call(ann, 'member:remove', { conversationId: id, userId: ben });
    await mongo.db.collection('members').deleteMany({ conversationId: id });
    await mongo.db
      .collection<{ _id: string }>('conversations')
      .updateOne({ _id: id }, { $set: { membersSeq: 0, title: 'Lost', memberCount: 9 } });

    const other = new ConversationNode(mongo);
    await other.node.log.state(id);
    const conversation = await other.node.conversations.find(id);
    assert.equal(conversation?.title, 'After');
    assert.equal(conversation.memberCount, 1);
    assert.deepEqual(
      (await presentMembers(id)).map(({ userId }) => userId),
      [ann],
    );
    await other.close();
  });

  it('keep marks and settings after a removal, and start at the new join', async () => {
    const [ann = '', ben = ''] = await people(mongo, 2);
    const conversationId = await one.group([ann, ben]);
    await one.call(ben, 'conversation:settings', { conversationId, mutedUntil: 5 });
    await one.call(ann, 'member:remove', { conversationId, userId: ben });
    await one.say(conversationId, ann, 'a', 'b', 'c');
    await one.call(ann, 'member:add', { conversationId, userIds: [ben] });
    const seen = await one.call(ben, 'conversation:get', { conversationId });
    assert.equal(seen.joinedSeq, 6);
    assert.equal(seen.deliveredSeq, 5);
    assert.equal(seen.unreadCount, 0);
    assert.equal(seen.settings.mutedUntil, 5);
    assert.equal(seen.lastMessage, null);
  });

  describe('when the last member leaves', () => {
    it('are removed with the group: from every response at once, from the database a minute later', async () => {
      const [ann = ''] = await people(mongo, 1);
      const conversationId = await one.group([ann]);
      await one.say(conversationId, ann, 'a', 'b');
      await one.call(ann, 'member:remove', { conversationId, userId: ann });

      assert.equal(await one.refusal(ann, 'conversation:get', { conversationId }), 'not_found');
      const { conversations } = await one.call(ann, 'conversation:list', {});
      assert.deepEqual(conversations, []);

      await one.purger.sweep();
      assert.equal((await stored(mongo, conversationId)).length, 4);
      one.now += 61_000;
      await one.purger.sweep();
      assert.deepEqual(
        (await stored(mongo, conversationId)).map(({ kind, seq }) => [kind, seq]),
        [['members', 4]],
      );
      assert.equal(await mongo.db.collection('members').countDocuments({ conversationId }), 0);
      const left = mongo.db.collection<{ _id: string }>('conversations');
      assert.equal(await left.countDocuments({ _id: conversationId }), 0);
    });

    it('cannot be changed by a node that does not know it yet', async () => {
      const [ann = ''] = await people(mongo, 1);
      const conversationId = await one.group([ann]);
      const other = new ConversationNode(mongo);
      await other.say(conversationId, ann, 'still here');
      await one.call(ann, 'member:remove', { conversationId, userId: ann });
      one.now += 61_000;
      await one.purger.sweep();
      await assert.rejects(other.say(conversationId, ann, 'too late'), { code: 'not_found' });
      assert.equal((await stored(mongo, conversationId)).length, 1);
      await other.close();
    });

    it('are removed even if the node that wrote it crashed immediately', async () => {
      const [ann = ''] = await people(mongo, 1);
      const conversationId = await one.group([ann]);
      const left: MembersDocument = {
        ...{ _id: newId(), conversationId, seq: 2, kind: 'members', senderId: ann, clientId: 'l' },
        ...{ at: one.now, action: 'left', userIds: [ann], role: null },
      };
      await entriesOf(mongo).insertOne(left);
      const other = new ConversationNode(mongo);
      assert.equal(await other.refusal(ann, 'conversation:get', { conversationId }), 'not_found');
      assert.equal(await other.node.conversations.find(conversationId), null);
      await other.close();
    });
  });

  async function presentMembers(conversationId: string) {
    const found = await mongo.db
      .collection<MemberDocument>('members')
      .find({ conversationId, present: true })
      .sort({ userId: 1 })
      .toArray();
    return found.map(({ joinedAt, joinedSeq, role, userId }) => {
      return { userId, role, joinedSeq, joinedAt };
    });
  }

  /** A stored log with the states between its entries; nothing is projected. */
  async function historyOf(changes: readonly Change[]) {
    const conversationId = newId();
    const [ann, ...others] = [newId(), newId(), newId(), newId()];
    await one.node.conversations.createOnce({
      _id: conversationId,
      kind: 'group',
      createdBy: ann,
      createdAt: 0,
      founders: [ann],
      founderTitle: null,
    });
    const base = { conversationId, kind: 'members', senderId: ann, at: 7 } as const;
    const documents: MembersDocument[] = [
      {
        ...base,
        _id: newId(),
        seq: 1,
        clientId: 'create',
        action: 'added',
        userIds: [ann],
        role: 'member',
      },
      ...changes.map(({ action, person }, index): MembersDocument => {
        const role = action === 'removed' ? null : action === 'role' ? 'admin' : 'member';
        const userIds = [others[person] ?? ann];
        return {
          ...base,
          _id: newId(),
          seq: index + 2,
          clientId: `k${index}`,
          action,
          userIds,
          role,
        };
      }),
    ];
    await entriesOf(mongo).insertMany(documents);
    const empty = { conversationId, seq: 0, membership: emptyMembership('group', null) };
    const states: ConversationState[] = [empty];
    for (const document of documents as EntryDocument[])
      states.push(fold(states.at(-1)!, [document]));
    return { documents, states };
  }
});

interface Change {
  readonly action: 'added' | 'removed' | 'role';
  readonly person: number;
}

const anyChange: fc.Arbitrary<Change> = fc.record({
  action: fc.constantFrom('added' as const, 'removed' as const, 'role' as const),
  person: fc.integer({ min: 0, max: 2 }),
});

const anyHistory = fc.record({
  changes: fc.array(anyChange, { minLength: 1, maxLength: 8 }),
  order: fc.array(fc.nat(20), { maxLength: 12 }),
  lost: fc.uniqueArray(fc.nat(8), { maxLength: 4 }).map((places) => new Set(places)),
});

function expected({ membership }: ConversationState) {
  return [...membership.members.values()]
    .map(({ joinedAt, joinedSeq, role, userId }) => ({ userId, role, joinedSeq, joinedAt }))
    .sort((one, other) => (one.userId < other.userId ? -1 : 1));
}
