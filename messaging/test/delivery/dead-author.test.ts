import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import type { EntryEvents } from '../../src/delivery/ports.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import { DeliveryNode } from '../support/delivery-node.ts';
import { groupOf, newId, say, testDatabase, testLog, type TestLog } from '../support/test-log.ts';
import { until } from '../support/until.ts';

describe('a node that crashes between a change of members and its projection', () => {
  const nodes: DeliveryNode[] = [];
  let mongo: TestMongo;
  let dead: TestLog;
  let conversationId: string;
  let owner: string;
  let ben: string;

  before(async () => {
    mongo = await testDatabase();
  });
  beforeEach(async () => {
    dead = testLog(mongo, {
      projector: {
        project: () => Promise.reject(new Error('The node has died')),
        heal: () => Promise.resolve([]),
      },
    });
    const author = testLog(mongo);
    const group = await groupOf(author, 2);
    [conversationId, owner, ben] = [group.conversationId, group.people[0]!, group.people[1]!];
    await author.log.state(conversationId);
    await author.log.close();
  });
  afterEach(async () => {
    await dead.log.close();
    for (const node of nodes.splice(0)) await node.close();
  });
  after(() => mongo.drop());

  const startNode = (hints?: EntryEvents) => {
    const node = new DeliveryNode(mongo, hints);
    nodes.push(node);
    return node;
  };
  const change = (log: TestLog, action: 'added' | 'removed', userId: string) => {
    const role = action === 'added' ? ('member' as const) : null;
    const content = { kind: 'members', action, userIds: [userId], role } as const;
    return log.log.append({ conversationId, senderId: owner, content });
  };
  const sayMore = (node: TestLog) =>
    node.log.append({ conversationId, senderId: owner, content: say('later') });
  const isStored = async (userId: string) =>
    (await dead.members.find(conversationId, userId))?.present === true;

  it('is repaired by a node that has sockets of the conversation', async () => {
    const node = startNode();
    const listener = await node.listen(ben);
    await change(dead, 'removed', ben);
    assert.ok(await isStored(ben));
    await node.delivery.compareAll();
    await until(async () => !(await isStored(ben)));
    await sayMore(node.node);
    assert.deepEqual(listener.seqs, [2]);
    assert.deepEqual(
      listener.events.map(({ name }) => name),
      ['conversation'],
    );
  });

  it('sends nothing to a removed member that connects before the projection is repaired', async () => {
    await change(dead, 'removed', ben);
    assert.ok(await isStored(ben));
    const node = startNode();
    const listener = await node.listen(ben);
    await node.listen(owner);
    await sayMore(node.node);
    assert.deepEqual(listener.seqs, []);
    assert.ok(!(await isStored(ben)));
  });

  it('sends nothing to a removed member that connects when only a delivery has processed the removal', async () => {
    const node = startNode();
    const phone = await node.listen(ben);
    await change(dead, 'removed', ben);
    await node.delivery.compareAll();
    await until(() => phone.seqs.length === 1);
    const tablet = await node.listen(ben);
    await sayMore(node.node);
    assert.deepEqual(tablet.seqs, []);
  });

  it('sends later entries to an added member on every node', async () => {
    const published: EntryDocument[] = [];
    const here = startNode({
      publish: (documents) => published.push(...documents),
      subscribe: () => undefined,
    });
    let hear: (documents: readonly EntryDocument[]) => void = () => undefined;
    const there = startNode({
      publish: () => undefined,
      subscribe: (listener) => {
        hear = listener;
      },
    });
    const cleo = newId();
    await here.listen(ben);
    const listener = await there.listen(cleo);
    await change(dead, 'added', cleo);
    assert.ok(!(await isStored(cleo)));
    await here.delivery.compareAll();
    await until(() => isStored(cleo));
    await until(() => published.length > 0);
    hear(published);
    await until(() => there.rooms.isIn(listener, conversationId));
    await sayMore(there.node);
    assert.deepEqual(listener.seqs, [2, 3]);
  });

  it('is repaired by a repeat of the same change', async () => {
    const other = testLog(mongo);
    await other.log.state(conversationId);
    await change(dead, 'removed', ben);
    // It folds the missing entry, and does not load the log, which would repair the projection.
    await other.log.state(conversationId, 2);
    const outcome = await change(other, 'removed', ben);
    assert.equal(outcome.kind, 'nothing');
    assert.ok(!(await isStored(ben)));
    await other.log.close();
  });
});

describe('a socket that connects while another node removes its user', () => {
  let mongo: TestMongo;
  before(async () => {
    mongo = await testDatabase();
  });
  after(() => mongo.drop());

  it('gets nothing after the removal, even if its cluster event is lost', async () => {
    const other = testLog(mongo);
    const { conversationId, people } = await groupOf(other, 2);
    const [owner, ben] = people as [string, string];
    await other.log.state(conversationId);
    const node = new DeliveryNode(mongo);
    const content = { kind: 'members', action: 'removed', userIds: [ben], role: null } as const;
    // The memberships have been read, but the position of the conversation has not.
    node.afterMemberships = async () => {
      node.afterMemberships = () => Promise.resolve();
      await other.log.append({ conversationId, senderId: owner, content });
    };
    const listener = await node.listen(ben);
    await node.node.log.append({ conversationId, senderId: owner, content: say('later') });
    assert.deepEqual(listener.seqs, []);
    await other.log.close();
    await node.close();
  });
});
