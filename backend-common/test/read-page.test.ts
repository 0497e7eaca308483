import assert from 'node:assert/strict';
import { connectMongo, readPage } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import { Binary, Double, Int32, Long } from 'mongodb';

interface Stored {
  readonly _id: number;
}

describe('a page of a collection', () => {
  let mongo: TestMongo;
  beforeEach(async () => {
    mongo = await testMongo('page-test');
  });
  afterEach(() => mongo.drop());

  const keep = (documents: readonly object[]) =>
    mongo.db.collection('things').insertMany(documents.map((each) => ({ ...each })));
  const query = { collection: 'things', filter: {}, sort: { _id: 1 }, hint: '_id_' } as const;

  it('equals what the driver returns', async () => {
    await keep([
      { _id: 1, text: 'plain', none: null, yes: true, no: false },
      { _id: 2, text: 'Grüße, 👩‍👩‍👧, \u0000 and שלום', at: 1_795_359_724_151, half: 0.5, less: -7 },
      {
        _id: 3,
        text: '',
        nested: { deep: { list: ['a', { b: 1 }, [null]] } },
        empty: {},
        nothing: [],
      },
      { _id: 4, nested: { text: 'other fields', at: 2 ** 40 }, text: 1 },
      {
        _id: 5,
        when: new Date(1_000),
        int: new Int32(5),
        double: new Double(5),
        long: Long.fromNumber(2 ** 52),
      },
      { _id: 6, te: 1, text: 'a name that begins like another', tex: 2 },
      { _id: 7, text: 'plain', none: null },
    ]);
    const page = await readPage<Stored>(mongo.db, { ...query, limit: 100 });
    const read = await mongo.db.collection('things').find().sort({ _id: 1 }).toArray();
    assert.equal(page.length, 7);
    assert.deepEqual(page, read);
  });

  it('distinguishes strings with a common prefix or with bytes that look like BSON', async () => {
    const texts = [
      'Ã©',
      'é',
      'é',
      'e',
      'e',
      'ee',
      'e',
      '',
      '',
      'Ã',
      'Ã©',
      'aé',
      'aÃ©',
      'a',
      'a\u0000',
    ];
    await keep(texts.map((text, index) => ({ _id: index, text, again: text })));
    const page = await readPage<Stored & { text: string; again: string }>(mongo.db, {
      ...{ ...query, limit: 100 },
    });
    assert.deepEqual(
      page.map(({ again, text }) => [text, again]),
      texts.map((text) => [text, text]),
    );
  });

  it('has the requested length, also beyond the first batch of a cursor, in both directions', async () => {
    await keep(Array.from({ length: 700 }, (_, index) => ({ _id: index })));
    const ids = async (sort: Readonly<Record<string, 1 | -1>>, filter = {}) =>
      (await readPage<Stored>(mongo.db, { ...query, sort, filter, limit: 600 })).map(
        ({ _id }) => _id,
      );
    assert.deepEqual(await ids({ _id: 1 }), [...Array(600).keys()]);
    assert.deepEqual((await ids({ _id: -1 })).slice(0, 2), [699, 698]);
    assert.deepEqual(await ids({ _id: 1 }, { _id: { $gt: 697 } }), [698, 699]);
    assert.deepEqual(await ids({ _id: 1 }, { _id: 'nobody' }), []);
  });

  it('refuses values of an unknown BSON type', async () => {
    await keep([{ _id: 1, bytes: new Binary(Buffer.from('abc')) }]);
    await assert.rejects(readPage(mongo.db, { ...query, limit: 1 }), TypeError);
  });

  it('uses only the named index', async () => {
    await keep([{ _id: 1 }]);
    await assert.rejects(readPage(mongo.db, { ...query, hint: 'missing', limit: 1 }), /hint/);
  });

  describe('while the server fails', () => {
    const APP = 'page-trouble-test';
    const fail = (times: number, data: object) =>
      mongo.client.db('admin').command({
        configureFailPoint: 'failCommand',
        mode: { times },
        data: { failCommands: ['find'], appName: APP, ...data },
      });
    const read = async () => {
      const other = await connectMongo({ uri: mongo.uri, appName: APP, logger: silentLogger() });
      try {
        return await readPage<Stored>(other.db, { ...query, limit: 1 });
      } finally {
        await other.close();
      }
    };
    beforeEach(() => keep([{ _id: 1 }]));
    afterEach(() => fail(0, {}));

    it('is requested again if the server steps down', async () => {
      await fail(1, { errorCode: 11602 });
      assert.deepEqual(await read(), [{ _id: 1 }]);
    });

    it('is requested again if the connection breaks', async () => {
      await fail(1, { closeConnection: true });
      assert.deepEqual(await read(), [{ _id: 1 }]);
    });

    it('fails if the second request fails too', async () => {
      await fail(2, { errorCode: 11602 });
      await assert.rejects(read(), { code: 11602 });
    });

    it('fails at once if a retry cannot help', async () => {
      await fail(1, { errorCode: 13 });
      await assert.rejects(read(), { code: 13 });
    });
  });
});
