import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import type { AttachmentContent } from '../../src/log/attachment-content.ts';
import { toEntry, type EntryContent, type EntryDocument } from '../../src/log/entry-document.ts';
import { EntryRepository } from '../../src/log/entry-repository.ts';
import type { WrittenEntry } from '../../src/log/fast-read/plain.ts';
import { newId, testDatabase } from '../support/test-log.ts';

const TEXTS = [
  'Lunch?',
  '',
  'quotes " and \\ and /',
  'lines\nand\ttabs\r\u0000\u001f\u007f',
  'Grüße, 你好, שלום, 👩‍👩‍👧 and \u2028\u2029',
  'Ã© is not é',
  "</script><!-- & 'single' `back`",
  'x'.repeat(4_000),
  '\ud83d',
];

const attachment: AttachmentContent = {
  ...{ id: 'a', name: 'Menü "1".jpg', contentType: 'image/jpeg', size: 3, kind: 'image' },
  ...{ width: 4, height: 3, durationMs: null, thumbnail: true, createdAt: 1 },
} as unknown as AttachmentContent;

describe('entries as JSON', () => {
  const conversationId = newId();
  let mongo: TestMongo;
  let entries: EntryRepository;
  let plain: EntryRepository;
  before(async () => {
    mongo = await testDatabase();
    entries = new EntryRepository(mongo.db);
    plain = new EntryRepository(mongo.db, { fastRead: false });
  });
  afterEach(() => mongo.db.collection('entries').deleteMany({}));
  after(() => mongo.drop());

  type Change = {
    readonly clientId?: string;
    readonly seq?: number;
    readonly at?: number;
    readonly deletedSeq?: number;
    readonly deletedAt?: number;
  };

  /** Stores entries in this order; each may override the usual fields. */
  async function keep(contents: readonly (EntryContent & Change)[]): Promise<EntryDocument[]> {
    const documents = contents.map((content, index) => ({
      ...{ _id: newId(), conversationId, seq: index + 1, senderId: newId() },
      ...{ clientId: `c-${index}`, at: Date.now() + index },
      ...content,
    }));
    const stored = documents as EntryDocument[];
    assert.deepEqual(await entries.insertRun(stored), { kind: 'committed' });
    return entries.range(conversationId, whole);
  }
  const whole = { after: 0, limit: 1_000, from: 'oldest' } as const;

  /** Asserts that the fast way, the plain way and the decoded documents give the same JSON. */
  async function same(contents: readonly (EntryContent & Change)[]): Promise<void> {
    const stored = await keep(contents);
    const written = await entries.writtenRange(conversationId, whole);
    const slow = await plain.writtenRange(conversationId, whole);
    assert.equal(written.length, contents.length);
    assert.deepEqual(withoutSizes(written), withoutSizes(slow));
    for (const [index, document] of stored.entries()) {
      const { bytes, json, seq } = written[index]!;
      assert.equal(json, JSON.stringify(toEntry(document)));
      assert.equal(seq, index + 1);
      const size = Buffer.byteLength(json);
      assert.ok(Math.abs(bytes - size) < 200 + size, `${bytes} for ${size}`);
    }
  }

  const withoutSizes = (written: readonly WrittenEntry[]) =>
    written.map(({ json, seq }) => ({ json, seq }));

  const message = (text: string | null): EntryContent => ({ kind: 'message', text, replyTo: null });

  it('are the same as from decoded documents: every kind of text', async () => {
    await same(TEXTS.map(message));
  });

  it('are the same as from decoded documents: every kind of client id', async () => {
    await same(
      TEXTS.map((clientId, index) => ({ ...message('Hi'), clientId: `${index}${clientId}` })),
    );
  });

  it('are the same as from decoded documents: everything but messages with only text', async () => {
    await same([
      message('first'),
      { kind: 'message', text: 'an answer', replyTo: { messageId: newId(), seq: 1 } },
      { kind: 'message', text: null, attachment, replyTo: null },
      { kind: 'message', text: 'with a file', attachment, replyTo: null },
      { ...message(null), deletedSeq: 9, deletedAt: 8 },
      { kind: 'message', text: null, attachment: null, replyTo: null, deletedSeq: 9 },
      { kind: 'deletion', messageId: newId(), messageSeq: 1 },
      { kind: 'members', action: 'added', userIds: [newId(), newId()], role: 'member' },
      { kind: 'members', action: 'left', userIds: [newId()], role: null },
      { kind: 'title', title: 'Über "uns"' },
      message('last'),
    ]);
  });

  it('are the same as from decoded documents: numbers at the limits', async () => {
    const ats = [0, 1, 2 ** 31 - 1, 2 ** 31, Date.now(), 2 ** 52 + 1, 1.5];
    await same(ats.map((at) => ({ ...message('Hi'), at })));
    await mongo.db.collection('entries').deleteMany({});
    const [stored] = await keep([{ ...message('far'), seq: 2 ** 40 }]);
    const [written] = await entries.writtenRange(conversationId, whole);
    const [slow] = await plain.writtenRange(conversationId, whole);
    assert.equal(slow?.json, written?.json);
    assert.equal(written?.json, JSON.stringify(toEntry(stored!)));
    assert.equal(written.seq, 2 ** 40);
  });

  it('can be read from both ends, in ascending order', async () => {
    await keep(['one', 'two', 'three'].map(message));
    const seqs = async (from: 'oldest' | 'newest') =>
      (await entries.writtenRange(conversationId, { after: 0, limit: 2, from })).map(
        ({ seq }) => seq,
      );
    assert.deepEqual(await seqs('oldest'), [1, 2]);
    assert.deepEqual(await seqs('newest'), [2, 3]);
  });

  it('are empty for an empty log', async () => {
    assert.deepEqual(await entries.writtenRange(newId(), whole), []);
  });
});
