import assert from 'node:assert/strict';
import { LookUps } from '@parley/backend-common';

interface Query {
  readonly keys: readonly string[];
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

/** Look-ups in what is stored when their query begins; the test answers each query. */
function lookUps({ atMost }: { atMost: number }) {
  const stored = new Map([['a', 1]]);
  const queries: Query[] = [];
  let begun: (query: Query) => void = () => undefined;
  const all = new LookUps<number>({
    atMost,
    read: (keys) =>
      new Promise((resolve, reject) => {
        const found = new Map(stored);
        const query = { keys, answer: () => resolve(found), fail: reject };
        queries.push(query);
        begun(query);
      }),
  });
  const nextQuery = () => new Promise<Query>((resolve) => (begun = resolve));
  return { all, nextQuery, queries, stored };
}

describe('look-ups', () => {
  it('answer all who ask in the same turn with one query', async () => {
    const { all, nextQuery, queries } = lookUps({ atMost: 10 });
    const answers = Promise.all([all.of('a'), all.of('b'), all.of('a')]);
    const query = await nextQuery();
    query.answer();
    assert.deepEqual(await answers, [1, undefined, 1]);
    assert.deepEqual(
      queries.map(({ keys }) => keys),
      [['a', 'b']],
    );
  });

  it('answer with nothing that was read before the question', async () => {
    const { all, nextQuery, stored } = lookUps({ atMost: 10 });
    const early = all.of('a');
    const first = await nextQuery();
    stored.set('a', 2);
    const late = all.of('a');
    const second = await nextQuery();
    first.answer();
    second.answer();
    assert.deepEqual([await early, await late], [1, 2]);
  });

  it('gather who asks right after a query, and do not wait for its answer', async () => {
    const { all, nextQuery, queries } = lookUps({ atMost: 10 });
    const early = all.of('a');
    const first = await nextQuery();
    const late = [all.of('b')];
    await new Promise((resolve) => setImmediate(resolve));
    late.push(all.of('c'));
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

  it('ask for a bounded number at once', async () => {
    const { all, nextQuery, queries } = lookUps({ atMost: 2 });
    const answers = ['a', 'b', 'c'].map((key) => all.of(key));
    (await nextQuery()).answer();
    (await nextQuery()).answer();
    assert.deepEqual(await Promise.all(answers), [1, undefined, undefined]);
    assert.deepEqual(
      queries.map(({ keys }) => keys),
      [['a', 'b'], ['c']],
    );
  });

  it('tell everybody who shares a query of its failure, and go on', async () => {
    const { all, nextQuery } = lookUps({ atMost: 10 });
    const answers = [all.of('a'), all.of('b')];
    const refused = Promise.all(answers.map((answer) => assert.rejects(answer, /unreachable/)));
    (await nextQuery()).fail(new Error('unreachable'));
    await refused;
    const again = all.of('a');
    (await nextQuery()).answer();
    assert.equal(await again, 1);
  });
});
