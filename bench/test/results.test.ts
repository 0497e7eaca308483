import assert from 'node:assert/strict';

import { figuresAt } from '../src/figures.ts';
import { type FigureName, type TargetName } from '../src/job.ts';
import { readOptions } from '../src/options.ts';
import { cell, figureTable, floorTable, table } from '../src/report.ts';
import { Results } from '../src/results.ts';

const figures = figuresAt(readOptions([]).scale);

/** Results with one value of one metric for each round. */
function resultsOf(
  figure: FigureName,
  metric: string,
  rates: Partial<Record<TargetName, number[]>>,
): Results {
  const results = new Results();
  for (const [target, values] of Object.entries(rates)) {
    for (const [index, value] of values.entries()) {
      results.add({
        ...{ round: index + 1, figure, target: target as TargetName },
        ...{ metrics: { [metric]: value }, faults: [], measured: { from: 0, to: 0 } },
      });
    }
  }
  return results;
}

describe('results', () => {
  it('computes the ratio within each round and then the median', () => {
    const results = resultsOf('B', 'rate', { relay: [100, 10, 50], parley: [40, 9, 10] });
    const ratio = results.ratio({ figure: 'B', target: 'parley', metric: 'rate' }, 'relay');
    assert.deepEqual(ratio, { median: 0.4, min: 0.2, max: 0.9 });
  });

  it('ignores a round in which one of the two targets was not measured', () => {
    const results = resultsOf('B', 'rate', { relay: [100, Number.NaN], parley: [40, 9] });
    const ratio = results.ratio({ figure: 'B', target: 'parley', metric: 'rate' }, 'relay');
    assert.deepEqual(ratio, { median: 0.4, min: 0.4, max: 0.4 });
  });

  it('excludes measurements with faults, and lists the faults', () => {
    const results = resultsOf('B', 'rate', { parley: [40] });
    const measured = { from: 0, to: 0 };
    results.add({
      ...{ round: 2, figure: 'B', target: 'parley', metrics: { rate: 1_000 } },
      ...{ faults: ['3 lost, of 9 sent'], measured },
    });
    const rate = results.over({ figure: 'B', target: 'parley', metric: 'rate' });
    assert.deepEqual(rate, { median: 40, min: 40, max: 40 });
    assert.deepEqual(results.faults, ['round 2, B, parley: 3 lost, of 9 sent']);
  });

  it('checks lower and upper bounds, which may be reached exactly', () => {
    const fast = resultsOf('hot', 'rate', { insert: [100], parley: [100] });
    assert.deepEqual(verdictsOf(fast, 'hot'), ['met']);
    const slow = resultsOf('E', 'milliseconds', { relay: [100], parley: [161] });
    assert.deepEqual(verdictsOf(slow, 'E'), ['missed']);
    const even = resultsOf('E', 'milliseconds', { relay: [100], parley: [160] });
    assert.deepEqual(verdictsOf(even, 'E'), ['met']);
  });

  it('checks the number itself for a floor without a comparison', () => {
    const measure = (handled: number, slowdown: number) => {
      const results = new Results();
      const metrics = { handled, slowdown };
      const measured = { from: 0, to: 0 };
      results.add({ round: 1, figure: 'H', target: 'parley', metrics, faults: [], measured });
      return verdictsOf(results, 'H');
    };
    assert.deepEqual(measure(10, 5), ['met', 'met']);
    assert.deepEqual(measure(10.1, 4), ['missed', 'met']);
    assert.deepEqual(measure(1, 5.1), ['met', 'missed']);
  });

  it('compares several nodes with the relay that is made of as many', () => {
    const results = resultsOf('nodes', 'rate', { group: [100, 100], parley: [95, 91] });
    assert.deepEqual(verdictsOf(results, 'nodes'), ['met']);
    const text = figureTable(results, 'nodes', figures.nodes);
    assert.match(text, /ratio to relay with group commit$/m);
  });

  it('says that a floor was not measured', () => {
    assert.deepEqual(verdictsOf(new Results(), 'C'), ['not measured']);
  });
});

function verdictsOf(results: Results, figure: FigureName): string[] {
  return results.verdicts([figure]).map(({ verdict }) => verdict);
}

describe('report', () => {
  it('shows the median and the extremes, or the only value', () => {
    assert.equal(cell({ median: 12_345.6, min: 1, max: 20_000 }, 0), '12,346 (1..20,000)');
    assert.equal(cell({ median: 1.5, min: 1.5, max: 1.5 }, 2), '1.50');
    assert.equal(cell(undefined, 2), '–');
  });

  it('aligns columns', () => {
    const text = table([
      ['', 'a'],
      ['long', '1'],
    ]);
    assert.equal(text, '      a\n----  -\nlong  1');
  });

  it('has a row for every target, and columns only for metrics that were measured', () => {
    const results = resultsOf('B', 'rate', { relay: [100], insert: [10], parley: [50] });
    const text = figureTable(results, 'B', figures.B);
    assert.match(text, /^Parley +50 +0\.50 +5\.00$/m);
    assert.match(text, /^inserting relay +10 +0\.10 +1\.00$/m);
    assert.doesNotMatch(text, /ack p99/);
  });

  it('says for each floor whether it is met', () => {
    const results = resultsOf('hot', 'rate', { insert: [100], parley: [250] });
    assert.match(floorTable(results.verdicts(['hot'])), /^hot .* at least 1 +2\.50 +met$/m);
  });
});
