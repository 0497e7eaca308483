import assert from 'node:assert/strict';
import { connectMongo, type Mongo } from '@parley/backend-common';
import { silentLogger, type TestMongo } from '@parley/backend-common/testing';

import type { EntryDocument } from '../../src/log/entry-document.ts';
import { EntryRepository } from '../../src/log/entry-repository.ts';
import type { InsertOutcome } from '../../src/log/insert-outcome.ts';
import { deferred } from '../support/deferred.ts';
import { DeliveryNode } from '../support/delivery-node.ts';
import { groupOf, say, testDatabase } from '../support/test-log.ts';
import { until } from '../support/until.ts';

const APP = 'own-entries-test';

/** `entries` of a node that learns late what MongoDB has stored. */
class SlowEntries extends EntryRepository {
  answering: Promise<void> = Promise.resolve();

  override async insertRun(documents: readonly EntryDocument[]): Promise<InsertOutcome> {
    const outcome = await super.insertRun(documents);
    await this.answering;
    return outcome;
  }
}

describe('the socket that sent a message', () => {
  let mongo: TestMongo;
  let faulty: Mongo;
  let entries: SlowEntries;
  let node: DeliveryNode;

  before(async () => {
    mongo = await testDatabase();
    faulty = await connectMongo({ uri: mongo.uri, appName: APP, logger: silentLogger() });
  });
  beforeEach(() => {
    entries = new SlowEntries(faulty.db);
    node = new DeliveryNode(faulty, undefined, { entries });
  });
  afterEach(() => node.close());
  after(async () => {
    await faulty.close();
    await mongo.drop();
  });

  const open = async () => {
    const { conversationId, people } = await groupOf(node.node, 1);
    const senderId = people[0]!;
    await node.node.log.state(conversationId);
    const [phone, tablet] = [await node.listen(senderId), await node.listen(senderId)];
    const request = { conversationId, senderId, originSocketId: phone.id };
    return {
      phone,
      tablet,
      send: () => node.node.log.append({ ...request, content: say('Hello') }),
    };
  };

  it('gets it only as the ack, even if a comparison finds it before MongoDB has answered', async () => {
    const { phone, send, tablet } = await open();
    const answer = deferred();
    entries.answering = answer.promise;
    const sent = send();
    await until(async () => {
      await node.delivery.compareAll();
      return tablet.seqs.length > 0;
    });
    answer.resolve();
    const appended = await sent;
    assert.equal(appended.kind, 'written');
    assert.deepEqual([phone.seqs, tablet.seqs], [[], [2]]);
  });

  it('gets it only as the ack, even if the outcome of the insert was unknown', async () => {
    const { phone, send, tablet } = await open();
    await mongo.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: {
        failCommands: ['insert'],
        appName: APP,
        writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
      },
    });
    const appended = await send();
    assert.equal(appended.kind, 'written');
    assert.deepEqual([phone.seqs, tablet.seqs], [[], [2]]);
  });
});
