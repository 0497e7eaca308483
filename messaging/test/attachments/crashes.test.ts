import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { S3ObjectStore } from '@parley/backend-common';
import { testObjectStore, type TestMongo } from '@parley/backend-common/testing';
import { DAY, LIMITS, MINUTE } from '@parley/common';

import type { Imaging } from '../../src/attachments/ports.ts';
import { createAttachmentRepositories } from '../../src/attachments/repositories.ts';
import { AttachmentNode, type TestFile } from '../support/attachment-node.ts';
import { picture } from '../support/files.ts';
import { intercepted, recordedStore, type RecordedStore } from '../support/recorded-store.ts';
import { directOf, testDatabase } from '../support/test-log.ts';

const PLANTED = 'planted-name.png';

/** Makes the `at`-th call to the store or the database and all later ones fail: before the call is carried out, or after. */
class Crash {
  calls = 0;
  readonly #at: number;
  readonly #when: 'before' | 'after';

  constructor(at: number, when: 'before' | 'after') {
    this.#at = at;
    this.#when = when;
  }

  get hasHappened(): boolean {
    return this.calls >= this.#at;
  }

  /** The same target, until crash comes. */
  over<Target extends object>(target: Target): Target {
    return intercepted(target, (name, _, call) => {
      if (name.startsWith('presign')) return call();
      this.calls += 1;
      if (this.calls < this.#at) return call();
      if (this.calls > this.#at || this.#when === 'before')
        return Promise.reject(new Error('dead'));
      return Promise.resolve(call()).then(() => Promise.reject(new Error('dead')));
    });
  }
}

const imaging: Imaging = {
  reads: (contentType) => Promise.resolve(contentType.startsWith('image/')),
  dimensions: () => Promise.resolve(null),
  thumbnail: () => Promise.resolve(Buffer.from('small')),
};

describe('attachments after the crash of a node', () => {
  let mongo: TestMongo;
  let inner: S3ObjectStore;
  let file: TestFile;
  let large: TestFile;
  before(async () => {
    mongo = await testDatabase();
    inner = testObjectStore();
    const bytes = randomBytes(LIMITS.attachmentPartBytes + 1_000);
    large = { name: PLANTED, contentType: 'application/octet-stream', bytes };
    file = { ...(await picture('png', { width: 32, height: 32 })), name: PLANTED };
  });
  after(async () => {
    inner.close();
    await mongo.drop();
  });

  interface Scene {
    readonly conversationId: string;
    readonly ann: string;
    readonly node: AttachmentNode;
  }
  type Scenario = (scene: Scene) => Promise<void>;

  const sends: Scenario = async ({ ann, conversationId, node }) => {
    const { id } = await node.ready(ann, conversationId, file);
    await node.settled();
    await node.send(ann, conversationId, id);
  };
  const deletes: Scenario = async (scene) => {
    const { ann, conversationId, node } = scene;
    const { id } = await node.ready(ann, conversationId, file);
    const { id: messageId } = await node.send(ann, conversationId, id);
    await node.settled();
    await node.delete(ann, conversationId, messageId);
    await node.settled();
  };
  /** Large files are uploaded in parts, directly to the final key. */
  const sendsLarge: Scenario = async ({ ann, conversationId, node }) => {
    const { id } = await node.ready(ann, conversationId, large);
    await node.send(ann, conversationId, id);
  };
  const cancelsLarge: Scenario = async ({ ann, conversationId, node }) => {
    const { id: attachmentId } = await node.upload(ann, conversationId, large);
    await node.call(ann, 'attachment:cancel', { attachmentId });
    await node.settled();
  };
  const cancels: Scenario = async ({ ann, conversationId, node }) => {
    const { id } = await node.ready(ann, conversationId, file);
    await node.call(ann, 'attachment:cancel', { attachmentId: id });
    await node.settled();
  };

  const scenarios = { sends, deletes, cancels, sendsLarge, cancelsLarge };
  const lasting: readonly Scenario[] = [sends, sendsLarge];

  /** Runs a scenario on a node that crashes. Returns the id of its conversation. */
  async function run(scenario: Scenario, crash: Crash, { store }: RecordedStore): Promise<string> {
    const { attachments, checks, due } = createAttachmentRepositories(mongo.db, { now: Date.now });
    const repositories = {
      attachments: crash.over(attachments),
      checks: crash.over(checks),
      due: crash.over(due),
    };
    const node = new AttachmentNode(mongo, { store: crash.over(store), repositories, imaging });
    const people = await directOf(node.node);
    await scenario({ ...people, node }).catch(() => undefined);
    await node.settled();
    await node.close();
    return people.conversationId;
  }

  /** Another node reads the conversation and sweeps for several days. */
  async function recover(
    conversationId: string,
    { store }: RecordedStore,
  ): Promise<AttachmentNode> {
    let now = Date.now();
    const node = new AttachmentNode(mongo, { store, imaging, now: () => now });
    const tail = (await node.node.log.tails([conversationId])).get(conversationId) ?? 0;
    await node.deletions.applyUpTo(conversationId, tail);
    for (const pause of [3 * MINUTE, 3 * MINUTE, DAY, DAY, DAY]) {
      now += pause;
      await node.settled();
      await node.settled();
    }
    return node;
  }

  /** Checks that the store has exactly the objects of sent attachments. */
  async function assertMatch(node: AttachmentNode, recorded: RecordedStore): Promise<void> {
    const documents = await node.all();
    const wanted = documents.flatMap(({ key = '', size, state, thumbnail, thumbnailKey = '' }) => {
      assert.equal(state, 'sent');
      if (size === large.bytes.length) return [key];
      assert.equal(thumbnail, 'made');
      return [key, thumbnailKey];
    });
    assert.deepEqual(await recorded.left(), wanted.sort());
    assert.deepEqual(await recorded.open(), []);
    if (documents.length > 0) return;
    const entries = await mongo.db.collection('entries').find().toArray();
    assert.ok(!JSON.stringify(entries).includes(PLANTED));
  }

  for (const [name, scenario] of Object.entries(scenarios)) {
    for (const when of ['before', 'after'] as const) {
      it(`leave the objects of sent attachments and no others: a node that ${name} crashes ${when} each call`, async () => {
        for (let at = 1; ; at += 1) {
          const crash = new Crash(at, when);
          const recorded = recordedStore(inner);
          const conversationId = await run(scenario, crash, recorded);
          const node = await recover(conversationId, recorded);
          await assertMatch(node, recorded);
          const documents = await node.all();
          await node.close();
          for (const each of ['attachments', 'entries']) {
            await mongo.db.collection(each).deleteMany({});
          }
          if (crash.hasHappened) continue;
          assert.ok(at > 10);
          assert.equal(documents.length, lasting.includes(scenario) ? 1 : 0);
          return;
        }
      }).timeout(240_000);
    }
  }
});
