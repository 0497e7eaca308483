import assert from 'node:assert/strict';
import { connectMongo, type Mongo } from '@parley/backend-common';
import { silentLogger, type TestMongo } from '@parley/backend-common/testing';

import { cuttingProxy, type CuttingProxy } from '../support/cutting-proxy.ts';
import {
  codeOf,
  directOf,
  groupOf,
  say,
  stored,
  testDatabase,
  testLog,
  type TestLog,
} from '../support/test-log.ts';

const APP = 'fault-test';

describe('appending during database faults', () => {
  let mongo: TestMongo;
  let faulty: Mongo;
  let node: TestLog;

  before(async () => {
    mongo = await testDatabase();
    faulty = await connectMongo({ uri: mongo.uri, appName: APP, logger: silentLogger() });
    node = testLog(faulty);
  });

  after(async () => {
    await node.log.close();
    await faulty.close();
    await mongo.drop();
  });

  afterEach(() => failInserts('off'));

  /** Makes the server fail only the inserts of this test's client. */
  async function failInserts(mode: 'off' | { times: number }, data: Record<string, unknown> = {}) {
    await mongo.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode,
      data: { failCommands: ['insert'], appName: APP, ...data },
    });
  }

  async function sendTen(conversationId: string, senderId: string) {
    return Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        node.log.append({
          conversationId,
          senderId,
          clientId: `c${index}`,
          content: say(`${index}`),
        }),
      ),
    );
  }

  async function assertTenInOrder(conversationId: string) {
    const entries = await stored(mongo, conversationId);
    assert.deepEqual(
      entries.map(({ seq, clientId }) => `${seq} ${clientId}`).slice(1),
      Array.from({ length: 10 }, (_, index) => `${index + 2} c${index}`),
    );
  }

  const faults: Record<string, Record<string, unknown>> = {
    'an error before anything is written': { errorCode: 8000 },
    'a step-down': { errorCode: 10107, errorLabels: ['RetryableWriteError'] },
    'an interruption': { errorCode: 11601 },
    'a full disk': { errorCode: 14031 },
    'a connection closed before anything is written': { closeConnection: true },
    'a write that a majority may not have': {
      writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
    },
    'a majority that is not to be had': {
      writeConcernError: { code: 100, errmsg: 'UnsatisfiableWriteConcern' },
    },
  };

  for (const [fault, data] of Object.entries(faults)) {
    it(`does not lose, duplicate or reorder entries after ${fault}`, async () => {
      const { ann, conversationId } = await directOf(node);
      await node.log.state(conversationId);
      await failInserts({ times: 3 }, data);
      const appended = await sendTen(conversationId, ann);
      assert.deepEqual(
        appended.map((each) => each.kind === 'written' && each.document.seq),
        [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      );
      await assertTenInOrder(conversationId);
    });
  }

  it('does not trust a duplicate key error that comes with a write concern error', async () => {
    const { ann, ben, conversationId } = await directOf(node);
    const other = testLog(mongo);
    await node.log.state(conversationId);
    // The other node takes seq 2, so this node's proposal gets both errors at once.
    await other.log.append({ conversationId, senderId: ben, content: say('first') });
    await failInserts(
      { times: 1 },
      { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
    );
    const appended = await node.log.append({
      conversationId,
      senderId: ann,
      content: say('second'),
    });
    assert.ok(appended.kind === 'written');
    assert.equal(appended.document.seq, 3);
    await other.log.close();
  });

  it('projects a change of members that is found stored later', async () => {
    const { conversationId, people } = await groupOf(node, 2);
    const [owner, member] = people as [string, string];
    await node.log.state(conversationId);
    await failInserts(
      { times: 1 },
      { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
    );
    await node.log.append({
      conversationId,
      senderId: owner,
      content: { kind: 'members', action: 'removed', userIds: [member], role: null },
    });
    assert.equal((await node.members.find(conversationId, member))?.present, false);
  });

  it('publishes entries to the other nodes that are found stored later', async () => {
    const { ann, conversationId } = await directOf(node);
    await node.log.state(conversationId);
    await failInserts(
      { times: 1 },
      { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
    );
    const appended = await node.log.append({ conversationId, senderId: ann, content: say('late') });
    assert.ok(appended.kind === 'written');
    const own = node.committed
      .filter(({ isOwn }) => isOwn)
      .flatMap(({ entries }) => entries.map(({ document }) => document));
    assert.equal(own.filter(({ _id }) => _id === appended.document._id).length, 1);
  });

  it('refuses an entry that waited for 15 s and all later ones of its sender, and accepts a repeat', async () => {
    let monotonic = 0;
    const patient = testLog(faulty, { monotonic: () => monotonic });
    const { ann, conversationId } = await directOf(patient);
    await patient.log.state(conversationId);
    await failInserts({ times: 1_000 }, { errorCode: 8000 });
    const send = (clientId: string) =>
      patient.log.append({ conversationId, senderId: ann, clientId, content: say(clientId) });
    const first = send('one');
    monotonic = 14_000;
    const second = send('two');
    monotonic = 15_001;
    patient.log.refuseOverdue();
    for (const refused of [first, second]) {
      await assert.rejects(refused, (error) => codeOf(error) === 'unavailable');
    }
    await failInserts('off');
    const repeats = await Promise.all([send('one'), send('two')]);
    assert.deepEqual(
      repeats.map((each) => each.kind !== 'nothing' && each.document.clientId),
      ['one', 'two'],
    );
    const entries = await stored(mongo, conversationId);
    assert.deepEqual(
      entries.map(({ clientId }) => clientId),
      ['create', 'one', 'two'],
    );
    await patient.log.close();
  });

  it('refuses more than 2,000 waiting entries in one conversation', async () => {
    const { ann, conversationId } = await directOf(node);
    await node.log.state(conversationId);
    await failInserts({ times: 1_000 }, { errorCode: 8000 });
    const appending = Promise.allSettled(
      Array.from({ length: 2_101 }, (_, index) =>
        node.log.append({
          conversationId,
          senderId: ann,
          clientId: `q${index}`,
          content: say('x'),
        }),
      ),
    );
    await failInserts('off');
    const outcomes = await appending;
    const last = outcomes.at(-1);
    assert.ok(last?.status === 'rejected' && codeOf(last.reason) === 'unavailable');
    const taken = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(taken >= 2_000 && taken <= 2_100, `${taken} were taken`);
    assert.equal((await stored(mongo, conversationId)).length, taken + 1);
  });
});

describe('appending while responses are lost', () => {
  let mongo: TestMongo;
  let proxy: CuttingProxy;
  let cut: Mongo;
  let node: TestLog;

  before(async () => {
    mongo = await testDatabase();
    const url = new URL(mongo.uri);
    proxy = await cuttingProxy(Number(url.port));
    url.port = String(proxy.port);
    url.searchParams.delete('replicaSet');
    url.searchParams.set('directConnection', 'true');
    cut = await connectMongo({ uri: url.href, appName: 'cut-test', logger: silentLogger() });
    node = testLog(cut);
  });

  after(async () => {
    await node.log.close();
    await cut.close();
    await proxy.close();
    await mongo.drop();
  });

  for (const [index, name] of ['the first', 'a later'].entries()) {
    it(`stores each entry once when ${name} response is lost after the write`, async () => {
      const count = 1;
      const { ann, conversationId } = await directOf(node);
      await node.log.state(conversationId);
      const before = proxy.cuts;
      proxy.cutAnswers(`lost-${index}`, count);
      const appended = await Promise.all(
        [0, 1, 2].map((number) =>
          node.log.append({
            conversationId,
            senderId: ann,
            clientId: `c${number}`,
            content: say(`lost-${index}`),
          }),
        ),
      );
      assert.equal(proxy.cuts - before, count);
      assert.deepEqual(
        appended.map((each) => each.kind === 'written' && each.document.seq),
        [2, 3, 4],
      );
      const entries = await stored(mongo, conversationId);
      assert.deepEqual(
        entries.map(({ clientId }) => clientId),
        ['create', 'c0', 'c1', 'c2'],
      );
    });
  }
});
