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

/** Ends everything at the `at`-th call to the store or the database: before it is carried out, or after. */
class Death {
  calls = 0;
  readonly #at: number;
  readonly #when: 'before' | 'after';

  constructor(at: number, when: 'before' | 'after') {
    this.#at = at;
    this.#when = when;
  }

  get hasCome(): boolean {
    return this.calls >= this.#at;
  }

  /** The same target, until death comes. */
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
  dimensions: () => Promise.resolve(null),
  thumbnail: () => Promise.resolve(Buffer.from('small')),
};

describe('attachments when nodes die', () => {
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
  type Story = (scene: Scene) => Promise<void>;

  const sends: Story = async ({ ann, conversationId, node }) => {
    const { id } = await node.ready(ann, conversationId, file);
    await node.settled();
    await node.send(ann, conversationId, id);
  };
  const deletes: Story = async (scene) => {
    const { ann, conversationId, node } = scene;
    const { id } = await node.ready(ann, conversationId, file);
    const { id: messageId } = await node.send(ann, conversationId, id);
    await node.settled();
    await node.delete(ann, conversationId, messageId);
    await node.settled();
  };
  /** In parts, which end up under the final key by themselves. */
  const sendsLarge: Story = async ({ ann, conversationId, node }) => {
    const { id } = await node.ready(ann, conversationId, large);
    await node.send(ann, conversationId, id);
  };
  const cancelsLarge: Story = async ({ ann, conversationId, node }) => {
    const { id: attachmentId } = await node.upload(ann, conversationId, large);
    await node.call(ann, 'attachment:cancel', { attachmentId });
    await node.settled();
  };
  const cancels: Story = async ({ ann, conversationId, node }) => {
    const { id } = await node.ready(ann, conversationId, file);
    await node.call(ann, 'attachment:cancel', { attachmentId: id });
    await node.settled();
  };

  const stories = { sends, deletes, cancels, sendsLarge, cancelsLarge };
  const lasting: readonly Story[] = [sends, sendsLarge];

  /** Plays a story on a node that dies. */
  async function play(story: Story, death: Death, { store }: RecordedStore): Promise<string> {
    const { attachments, checks, due } = createAttachmentRepositories(mongo.db, { now: Date.now });
    const repositories = {
      attachments: death.over(attachments),
      checks: death.over(checks),
      due: death.over(due),
    };
    const node = new AttachmentNode(mongo, { store: death.over(store), repositories, imaging });
    const people = await directOf(node.node);
    await story({ ...people, node }).catch(() => undefined);
    await node.settled();
    await node.close();
    return people.conversationId;
  }

  /** Somebody reads, and days pass, on a node that lives. */
  async function heal(conversationId: string, { store }: RecordedStore): Promise<AttachmentNode> {
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

  /** Every object belongs to a sent attachment, which has it, and of all others nothing is left. */
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

  for (const [name, story] of Object.entries(stories)) {
    for (const when of ['before', 'after'] as const) {
      it(`leave what there should be and nothing else: one that ${name}, ${when} each call`, async () => {
        for (let at = 1; ; at += 1) {
          const death = new Death(at, when);
          const recorded = recordedStore(inner);
          const conversationId = await play(story, death, recorded);
          const node = await heal(conversationId, recorded);
          await assertMatch(node, recorded);
          const documents = await node.all();
          await node.close();
          for (const each of ['attachments', 'entries']) {
            await mongo.db.collection(each).deleteMany({});
          }
          if (death.hasCome) continue;
          assert.ok(at > 10);
          assert.equal(documents.length, lasting.includes(story) ? 1 : 0);
          return;
        }
      }).timeout(240_000);
    }
  }
});
