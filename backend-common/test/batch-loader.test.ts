import assert from 'node:assert/strict';
import { BatchLoader } from '@parley/backend-common';

interface Query {
  readonly keys: readonly string[];
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

/** Loads what is stored when the query begins; the test answers each query, and no time passes that it does not wait for. */
function batchLoader(options: { maxBatchSize: number; waitingAtMost?: number }) {
  const stored = new Map([['a', 1]]);
  const queries: Query[] = [];
  const pauses: number[] = [];
  let now = 0;
  const time = {
    monotonic: () => now,
    after(ms: number, callback: () => void) {
      pauses.push(ms);
      setImmediate(() =>
        setImmediate(() => {
          now += ms;
          callback();
        }),
      );
    },
  };
  let begun: (query: Query) => void = () => undefined;
  const loader = new BatchLoader<number>({
    ...options,
    time,
    read: (keys) =>
      new Promise((resolve, reject) => {
        const found = new Map(stored);
        const query = { keys, answer: () => resolve(found), fail: reject };
        queries.push(query);
        begun(query);
      }),
  });
  const nextQuery = () => new Promise<Query>((resolve) => (begun = resolve));
  return { loader, nextQuery, pauses, queries, stored };
}

describe('a batch loader', () => {
  it('reads once for all loads of the same turn', async () => {
    const { loader, nextQuery, queries } = batchLoader({ maxBatchSize: 10 });
    const answers = Promise.all([loader.load('a'), loader.load('b'), loader.load('a')]);
    const query = await nextQuery();
    query.answer();
    assert.deepEqual(await answers, [1, undefined, 1]);
    assert.deepEqual(
      queries.map(({ keys }) => keys),
      [['a', 'b']],
    );
  });

  it('refuses a load when too many wait, and takes loads again when they are answered', async () => {
    const { loader, nextQuery } = batchLoader({ maxBatchSize: 10, waitingAtMost: 2 });
    const waiting = Promise.all([loader.load('a'), loader.load('b')]);
    await assert.rejects(loader.load('c'), { code: 'unavailable' });
    (await nextQuery()).answer();
    await waiting;
    const later = loader.load('a');
    (await nextQuery()).answer();
    assert.equal(await later, 1);
  });

  it('never returns a value that was read before the load began', async () => {
    const { loader, nextQuery, stored } = batchLoader({ maxBatchSize: 10 });
    const early = loader.load('a');
    const first = await nextQuery();
    stored.set('a', 2);
    const late = loader.load('a');
    const second = await nextQuery();
    first.answer();
    second.answer();
    assert.deepEqual([await early, await late], [1, 2]);
  });

  it('batches loads right after a query, and does not wait for its answer', async () => {
    const { loader, nextQuery, queries } = batchLoader({ maxBatchSize: 10 });
    const early = loader.load('a');
    const first = await nextQuery();
    const late = [loader.load('b')];
    await new Promise((resolve) => setImmediate(resolve));
    late.push(loader.load('c'));
    const second = await nextQuery();
    second.answer();
    assert.deepEqual(await Promise.all(late), [undefined, undefined]);
    first.answer();
    assert.equal(await early, 1);
    assert.deepEqual(
      queries.map(({ keys }) => keys),
      [['a'], ['b', 'c']],
    );
  });

  it('pauses longer after a query with more keys, up to a limit', async () => {
    const { loader, nextQuery, pauses } = batchLoader({ maxBatchSize: 100 });
    for (const count of [1, 4, 100, 1]) {
      const answers = Array.from({ length: count }, (_, index) => loader.load(String(index)));
      (await nextQuery()).answer();
      await Promise.all(answers);
    }
    assert.deepEqual(pauses, [0, 5, 20, 50]);
  });

  it('leaves a pause between full queries', async () => {
    const { loader, nextQuery, pauses } = batchLoader({ maxBatchSize: 2 });
    const answers = ['a', 'b', 'c', 'd', 'e'].map((key) => loader.load(key));
    for (let query = 0; query < 3; query += 1) (await nextQuery()).answer();
    await Promise.all(answers);
    assert.deepEqual(pauses, [0, 50, 100]);
  });

  it('reads a bounded number of keys at once', async () => {
    const { loader, nextQuery, queries } = batchLoader({ maxBatchSize: 2 });
    const answers = ['a', 'b', 'c'].map((key) => loader.load(key));
    (await nextQuery()).answer();
    (await nextQuery()).answer();
    assert.deepEqual(await Promise.all(answers), [1, undefined, undefined]);
    assert.deepEqual(
      queries.map(({ keys }) => keys),
      [['a', 'b'], ['c']],
    );
  });

  it('rejects every load that shares a failed query, and goes on', async () => {
    const { loader, nextQuery } = batchLoader({ maxBatchSize: 10 });
    const answers = [loader.load('a'), loader.load('b')];
    const refused = Promise.all(answers.map((answer) => assert.rejects(answer, /unreachable/)));
    (await nextQuery()).fail(new Error('unreachable'));
    await refused;
    const again = loader.load('a');
    (await nextQuery()).answer();
    assert.equal(await again, 1);
  });
});
