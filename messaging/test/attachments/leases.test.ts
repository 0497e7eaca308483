import assert from 'node:assert/strict';
import type { S3ObjectStore } from '@parley/backend-common';
import { manualTimers, testObjectStore, type TestMongo } from '@parley/backend-common/testing';
import { MINUTE, SECOND } from '@parley/common';

import {
  createAttachmentRepositories,
  type AttachmentRepositories,
} from '../../src/attachments/repositories.ts';
import { AttachmentNode } from '../support/attachment-node.ts';
import { deferred } from '../support/deferred.ts';
import { intercepted } from '../support/recorded-store.ts';
import { directOf, testDatabase } from '../support/test-log.ts';
import { until } from '../support/until.ts';

const note = { name: 'note.txt', contentType: 'text/plain', bytes: Buffer.from('Hello') };

describe('the leases of attachments', () => {
  let mongo: TestMongo;
  let store: S3ObjectStore;
  let node: AttachmentNode;
  let repositories: AttachmentRepositories;
  let now = Date.now();
  let conversationId = '';
  let ann = '';
  before(async () => {
    mongo = await testDatabase();
    store = testObjectStore();
    repositories = createAttachmentRepositories(mongo.db, { now: () => now });
    node = new AttachmentNode(mongo, { store, repositories, now: () => now });
    ({ conversationId, ann } = await directOf(node.node));
  });
  after(async () => {
    await node.close();
    store.close();
    await mongo.drop();
  });

  it('of a check is renewed while the check takes longer than the lease', async () => {
    const timers = manualTimers();
    const [reached, held] = [deferred(), deferred()];
    const slow = intercepted(store, async (name, _, call) => {
      if (name === 'read') {
        reached.resolve();
        await held.promise;
      }
      return call();
    });
    const { setTimer } = timers;
    const checking = new AttachmentNode(mongo, {
      ...{ store: slow, now: () => now },
      repositories: createAttachmentRepositories(mongo.db, { now: () => now, setTimer }),
    });
    const { id: attachmentId } = await node.upload(ann, conversationId, note);
    const check = checking.call(ann, 'attachment:complete', { attachmentId });
    await reached.promise;
    for (let renewal = 0; renewal < 6; renewal += 1) {
      now += 5 * SECOND;
      assert.deepEqual(timers.delays, [5 * SECOND]);
      timers.fire();
      await until(() => timers.delays.length === 1);
      assert.equal(await node.refusal(ann, 'attachment:complete', { attachmentId }), 'conflict');
    }
    held.resolve();
    assert.equal((await check).state, 'ready');
    assert.deepEqual(timers.delays, []);
    const { lease, slot, state } = (await node.stored(attachmentId))!;
    assert.deepEqual({ lease, slot, state }, { lease: undefined, slot: undefined, state: 'ready' });
    await checking.close();
  });

  it('of a check is stored as the token and the end in milliseconds, with the keys of earlier checks', async () => {
    const { id } = await node.upload(ann, conversationId, note);
    const { checks } = repositories;
    const first = await checks.start((await node.stored(id))!, 'first');
    assert.equal(await checks.start(first!.document, 'other'), null);
    now += 15 * SECOND - 1;
    assert.equal(await checks.start(first!.document, 'other'), null);
    now += 1;
    const second = await checks.start(first!.document, 'second');
    const { key, lease, state, strayKeys } = (await node.stored(id))!;
    assert.deepEqual(
      { key, lease, state, strayKeys },
      {
        ...{ key: 'second', state: 'verifying', strayKeys: ['first'] },
        lease: { endsAt: now + 15 * SECOND, token: second!.token },
      },
    );
    await checks.abandon(first!);
    assert.equal((await node.stored(id))?.state, 'verifying');
    await checks.abandon(second!);
    assert.equal((await node.stored(id))?.state, 'uploading');
  });

  it('of a check is lost when the upload is cancelled', async () => {
    const { id: attachmentId } = await node.upload(ann, conversationId, note);
    const { checks } = repositories;
    const check = await checks.start((await node.stored(attachmentId))!, 'key');
    await node.call(ann, 'attachment:cancel', { attachmentId });
    const checked = {
      contentType: 'text/plain',
      kind: 'file',
      width: null,
      height: null,
      thumbnail: 'none',
      readyAt: now,
    } as const;
    assert.equal(await checks.pass(check!, checked), null);
    assert.notEqual((await node.stored(attachmentId))?.state, 'ready');
  });

  it('of a sweeper sets no new time for an attachment whose state changed meanwhile', async () => {
    await node.settled();
    const { id: attachmentId } = await node.ready(ann, conversationId, note);
    const collection = mongo.db.collection('attachments');
    await collection.updateOne({ _id: attachmentId as never }, { $set: { dueAt: now } });
    const claimed = await repositories.due.claim();
    assert.equal(claimed?.id, attachmentId);
    assert.equal(await repositories.due.claim(), null);
    await collection.updateOne({ _id: attachmentId as never }, { $set: { state: 'reserved' } });
    await repositories.due.reschedule(claimed, undefined);
    assert.equal((await node.stored(attachmentId))?.dueAt, now + 2 * MINUTE);
    await collection.updateOne({ _id: attachmentId as never }, { $set: { state: 'ready' } });
    await repositories.due.reschedule(claimed, now + 5);
    assert.equal((await node.stored(attachmentId))?.dueAt, now + 5);
    await repositories.due.reschedule(claimed, now + 6);
    assert.equal((await node.stored(attachmentId))?.dueAt, now + 5);
  });
});
