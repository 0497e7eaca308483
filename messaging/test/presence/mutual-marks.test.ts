import assert from 'node:assert/strict';

import { MutualMarks } from '../../src/presence/mutual-marks.ts';

describe('marks of direct conversations in which both have written', () => {
  it('are written one command at a time, each conversation once', async () => {
    const written: (readonly string[])[] = [];
    let inProgress = 0;
    const marks = new MutualMarks({
      async write(ids) {
        inProgress += 1;
        assert.equal(inProgress, 1);
        await Promise.resolve();
        written.push(ids);
        inProgress -= 1;
      },
      onFault: (error) => assert.fail(String(error)),
    });
    marks.put([]);
    marks.put(['a']);
    marks.put(['b', 'c']);
    marks.put(['c', 'd']);
    await marks.settled();
    assert.deepEqual(written, [['a'], ['b', 'c', 'd']]);
  });

  it('are bounded while the database does not answer', async () => {
    let answer: () => void = () => undefined;
    const written: string[] = [];
    const marks = new MutualMarks({
      async write(ids) {
        await new Promise<void>((resolve) => (answer = resolve));
        written.push(...ids);
      },
      onFault: (error) => assert.fail(String(error)),
      most: 3,
    });
    marks.put(['a']);
    for (let at = 0; at < 1_000; at += 1) marks.put([`b${at}`]);
    const before = answer;
    assert.equal(marks.size, 3);
    const all = marks.settled();
    answer();
    while (written.length === 0 || answer === before) await Promise.resolve();
    answer();
    await all;
    assert.deepEqual(written, ['a', 'b0', 'b1', 'b2']);
  });

  it('are counted as a fault when they cannot be written, and later ones are written', async () => {
    const faults: unknown[] = [];
    const written: string[] = [];
    let isAway = true;
    const marks = new MutualMarks({
      write(ids) {
        if (isAway) return Promise.reject(new Error('away'));
        written.push(...ids);
        return Promise.resolve();
      },
      onFault: (error) => faults.push(error),
    });
    marks.put(['a']);
    await marks.settled();
    isAway = false;
    marks.put(['b']);
    await marks.settled();
    assert.deepEqual(written, ['b']);
    assert.equal(faults.length, 1);
  });
});
