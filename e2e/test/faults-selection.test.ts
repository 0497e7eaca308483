import assert from 'node:assert/strict';

import { Random } from './support/faults/random.ts';
import { readOptions } from './support/faults/run/options.ts';
import { select } from './support/faults/run/selection.ts';
import { scenarios } from './support/faults/scenarios/index.ts';

const drawn = (seed: number) =>
  select(scenarios, { seed, isFull: false }, new Random(seed)).map(({ name }) => name);
const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

describe('the selection of fault scenarios', () => {
  it('is the same for the same seed, and differs between seeds', () => {
    assert.deepEqual(drawn(1), drawn(1));
    assert.notDeepEqual(drawn(1), drawn(2));
  });

  it('reaches every scenario that is not only part of the full run', () => {
    const reached = new Set(seeds.flatMap(drawn));
    const shortRun = scenarios.filter(({ isFullOnly }) => isFullOnly !== true);
    assert.deepEqual([...reached].sort(), shortRun.map(({ name }) => name).sort());
  });

  it('takes less than six minutes and contains several scenarios', () => {
    for (const seed of seeds) {
      const names = new Set(drawn(seed));
      const chosen = scenarios.filter(({ name }) => names.has(name));
      const lasting = chosen.reduce((sum, each) => sum + (each.shortSeconds ?? each.seconds), 0);
      assert.ok(lasting < 360 && chosen.length >= 6, `seed ${seed}: ${[...names].join(', ')}`);
    }
  });

  it('contains all scenarios with --all, and the named ones with --only', () => {
    const all = readOptions(['--all', '--seed', '7']);
    assert.deepEqual(all, { seed: 7, isFull: true });
    assert.equal(select(scenarios, all, new Random(7)).length, scenarios.length);
    const some = readOptions(['--only', 'nodes-killed,clock', '--seed', '7']);
    const names = select(scenarios, some, new Random(7)).map(({ name }) => name);
    assert.deepEqual(names, ['nodes-killed', 'clock-wrong']);
  });

  it('has a unique name for each scenario, and refuses unknown options', () => {
    assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
    assert.throws(() => readOptions(['--every']), TypeError);
    assert.throws(() => readOptions(['--seed', 'x']), TypeError);
  });
});
