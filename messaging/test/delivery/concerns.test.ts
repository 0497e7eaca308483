import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import type { EntryEvents } from '../../src/delivery/ports.ts';
import type { EntryDocument } from '../../src/log/entry-document.ts';
import type { EntryEventHeader } from '../../src/transport/cluster/entry-message.ts';
import { DeliveryNode } from '../support/delivery-node.ts';
import { groupOf, newId, say, testDatabase, testLog, type TestLog } from '../support/test-log.ts';

describe('an event of another node with entries', () => {
  let mongo: TestMongo;
  let elsewhere: TestLog;
  let node: DeliveryNode;
  let receive: (documents: readonly EntryDocument[]) => void;
  let concerns: (header: EntryEventHeader) => boolean;
  let conversationId: string;
  let owner: string;

  before(async () => {
    mongo = await testDatabase();
    elsewhere = testLog(mongo);
  });
  beforeEach(async () => {
    const events: EntryEvents = {
      publish: () => undefined,
      subscribe: (listener, given) => {
        receive = listener;
        concerns = given;
      },
    };
    node = new DeliveryNode(mongo, events);
    const group = await groupOf(elsewhere, 2);
    conversationId = group.conversationId;
    owner = group.people[0]!;
    await elsewhere.log.state(conversationId);
  });
  afterEach(() => node.close());
  after(async () => {
    await elsewhere.log.close();
    await mongo.drop();
  });

  const event = (seq = 2, addsMembers = false) => ({ conversationId, seq, addsMembers });
  const write = (log: TestLog) =>
    log.log.append({ conversationId, senderId: owner, content: say('Hello') });

  it('does not concern a node without users in the conversation', async () => {
    await node.listen(newId());
    assert.equal(concerns(event()), false);
  });

  it('concerns a node with a member, also for a while after the member has left', async () => {
    const socket = await node.listen(owner);
    assert.equal(concerns(event()), true);
    node.delivery.detach(socket);
    assert.equal(concerns(event()), true);
  });

  it('concerns a node with a delivery that is being opened, before its members are known', async () => {
    const opened = node.delivery.deliveries.ensure([conversationId]);
    assert.equal(concerns(event()), true);
    await opened;
  });

  it('concerns every node if it adds members', () => {
    assert.equal(concerns(event(2, true)), true);
  });

  it('concerns a node that is writing to the conversation', async () => {
    const writing = write(node.node);
    assert.equal(concerns(event()), true);
    await writing;
    assert.equal(concerns(event()), false);
  });

  it('is passed on, once it is decoded, to those who asked for entries of other nodes', async () => {
    const heard: EntryDocument[] = [];
    node.delivery.onReceived((documents) => heard.push(...documents));
    const appended = await write(elsewhere);
    assert.ok(appended.kind === 'written');
    receive([appended.document]);
    assert.deepEqual(heard, [appended.document]);
  });

  it('is remembered by a node that wrote before, which then takes no number that is in use', async () => {
    await write(node.node);
    await write(elsewhere);
    assert.equal(concerns(event(3)), false);
    // The same read as if the entry had been noticed in the log.
    assert.equal((await node.node.log.state(conversationId)).seq, 3);
    const appended = await write(node.node);
    assert.equal(appended.kind === 'written' && appended.document.seq, 4);
  });
});
