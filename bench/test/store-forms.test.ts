import assert from 'node:assert/strict';
import { testMongo, type TestMongo } from '@parley/backend-common/testing';
import { BSON, type Document } from 'mongodb';

import { checkpoint, FormCollection } from '../src/store-forms/collection.ts';
import { type Form } from '../src/store-forms/form.ts';
import { FORM_NAMES, FORMS } from '../src/store-forms/forms.ts';
import { lookupOf, measureForm, READS } from '../src/store-forms/measure.ts';
import { Messages, type Sample } from '../src/store-forms/messages.ts';
import { StoreMeter } from '../src/store-forms/meter.ts';
import { tables } from '../src/store-forms/table.ts';

const CONVERSATIONS = 5;
const COUNT = 400;
/** Forms that are measured to see what a promise costs, and do not keep it. */
const NO_KEYS = new Set(['bare', 'no-client', 'clustered-bare']);
const NO_SEQ = new Set(['bare', 'no-seq']);

describe('messages that are measured', () => {
  it('are the same each time', () => {
    const [one, other] = [new Messages(CONVERSATIONS), new Messages(CONVERSATIONS)];
    for (let at = 0; at < COUNT; at += 1) assert.deepEqual(one.next(), other.next());
  });

  it('have 100 bytes of text, ids that increase with time, and numbers without gaps', () => {
    const messages = new Messages(CONVERSATIONS);
    const lengths = new Map<string, number>();
    let time = 0;
    for (let at = 0; at < COUNT; at += 1) {
      const { conversation, id, seq, text } = messages.next();
      assert.equal(Buffer.byteLength(text), 100);
      assert.ok(id.readUIntBE(0, 6) >= time);
      time = id.readUIntBE(0, 6);
      const name = conversation.toString('hex');
      assert.equal(seq, (lengths.get(name) ?? 0) + 1);
      lengths.set(name, seq);
    }
    assert.equal(lengths.size, CONVERSATIONS);
  });
});

describe('a form of a stored message', () => {
  let mongo: TestMongo;

  before(async () => {
    mongo = await testMongo();
  });
  after(() => mongo.drop());

  for (const name of FORM_NAMES) {
    const form: Form = FORMS[name];

    it(`${name}: finds what was written, and refuses a key and a number that are taken`, async () => {
      const collection = await FormCollection.create(mongo.db, form, name);
      const messages = new Messages(CONVERSATIONS);
      const written: Sample[] = [];
      const next = () => {
        const message = messages.next();
        written.push(message);
        return message;
      };
      await collection.write(next, COUNT, 64);
      const last = written.at(-1)!;
      await assertFound(collection, { form, written, message: written[COUNT / 2]! });

      const fresh = messages.next();
      const sameKey = { ...last, id: fresh.id, seq: 1_000_000 };
      if (!NO_KEYS.has(name)) await assert.rejects(collection.insert([sameKey]), /E11000/);
      const sameSeq = { ...fresh, conversation: last.conversation, seq: last.seq };
      if (!NO_SEQ.has(name)) await assert.rejects(collection.insert([sameSeq]), /E11000/);
    });
  }

  it('is measured, and shown in a table', async () => {
    const meter = await StoreMeter.open(mongo.db, process.pid, 10);
    const plan = { messages: 2_200, conversations: CONVERSATIONS, reads: 3, smallRounds: 2 };
    const measured = await measureForm(mongo.db, { form: FORMS.zstd, meter, plan });
    assert.deepEqual(Object.keys(measured.indexes).sort(), [
      ...['_id_', 'client', 'deletion', 'membership', 'ops', 'seq'],
    ]);
    assert.ok(measured.data > 50 && measured.data < 1_000, String(measured.data));
    assert.deepEqual(Object.keys(measured.reads), [...READS]);
    const shown = tables(new Map([['zstd', [measured]]]));
    assert.match(shown, /^zstd .*client \d+/m);
    assert.match(shown, /^zstd .*today, data and indexes in zstd$/m);
  });

  it('is compressed as it says', async () => {
    for (const name of ['today', 'zstd'] as const) {
      const of = await mongo.db.command({ collStats: name, indexDetails: true });
      const [data, index] = [of['wiredTiger'], of['indexDetails']['client']] as Document[];
      const isZstd = name === 'zstd';
      assert.equal(/block_compressor=zstd/.test(data!['creationString']), isZstd);
      assert.equal(/block_compressor=zstd/.test(index!['creationString']), isZstd);
    }
    await checkpoint(mongo.db);
  });
});

interface Stored {
  readonly form: Form;
  readonly written: readonly Sample[];
  readonly message: Sample;
}

/** Asserts that every look-up of the form finds the message, or the page of the log that it is about. */
async function assertFound(
  collection: FormCollection,
  { form, message, written }: Stored,
): Promise<void> {
  const log = written.filter(({ conversation }) => conversation === message.conversation);
  const expected: Record<(typeof READS)[number], readonly Sample[]> = {
    newest: log.slice(-50).reverse(),
    after: log.slice(message.seq - 1, message.seq + 49),
    key: [message],
    id: [message],
    tail: log.slice(-1),
  };
  for (const read of READS) {
    const lookup = lookupOf(form, read, message);
    if (lookup === undefined || !collection.has(lookup)) continue;
    const found = await collection.find(lookup);
    const wanted = expected[read].map((each) => form.shape.document(each));
    assert.equal(found.length, wanted.length, read);
    for (const [at, document] of found.entries()) {
      const names = Object.keys(document).filter((field) => field in wanted[at]!);
      assert.deepEqual(bytesOf(document, names), bytesOf(wanted[at]!, names), read);
    }
  }
}

/** Some fields of a document as they are stored. */
function bytesOf(document: Document, names: readonly string[]): Buffer {
  return Buffer.from(
    BSON.serialize(Object.fromEntries(names.map((name) => [name, document[name]]))),
  );
}
