import assert from 'node:assert/strict';

import { Cluster } from '../support/faults/cluster/cluster.ts';
import { Random } from '../support/faults/random.ts';
import { readOptions, VARIABLE } from '../support/faults/run/options.ts';
import { runScenario, type Result } from '../support/faults/run/run-scenario.ts';
import { select, type FaultOptions } from '../support/faults/run/selection.ts';
import { tableOf } from '../support/faults/run/table.ts';
import { scenarios } from '../support/faults/scenarios/index.ts';

const SHOWN = 20;
/** Milliseconds after the start of a short run until which a scenario may begin, so that the run ends within six minutes. */
const LATEST_START_MS = 320_000;
const given = process.env[VARIABLE];
const options = given === undefined ? readOptions([]) : (JSON.parse(given) as FaultOptions);

const isShortRun = !options.isFull && options.only === undefined;

describe(`three nodes during faults (seed ${options.seed})`, function () {
  this.timeout(0);
  const results: Result[] = [];
  const selected = select(scenarios, options, new Random(options.seed));
  let cluster: Cluster | undefined;
  let startedAt = 0;

  before(async () => {
    startedAt = performance.now();
    cluster = await Cluster.start(new Random(options.seed));
  });

  after(async () => {
    await cluster?.close();
    console.log(`\nseed ${options.seed}\n${tableOf(results)}`);
  });

  for (const scenario of selected) {
    it(`keep every promise of the log: ${scenario.name}`, async function () {
      // A busy machine runs fewer scenarios.
      if (isShortRun && performance.now() - startedAt > LATEST_START_MS) this.skip();
      const random = new Random(options.seed ^ hash(scenario.name));
      try {
        const result = await runScenario(cluster!, scenario, { random, isFull: options.isFull });
        results.push(result);
        const failures = result.failures.slice(0, SHOWN).join('\n');
        // Printed now, in case the run is stopped before mocha lists the failures.
        if (failures !== '') console.log(failures);
        assert.equal(failures, '');
      } catch (error) {
        // A cluster that could not be repaired would fail the next scenarios too.
        if (!(error instanceof assert.AssertionError)) {
          await cluster?.close();
          cluster = await Cluster.start(random);
        }
        throw error;
      }
    });
  }
});

/** Derives a seed from a name, so that a scenario does the same alone as in a full run. */
function hash(name: string): number {
  return Buffer.from(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);
}
