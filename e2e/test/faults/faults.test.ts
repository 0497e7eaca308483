import assert from 'node:assert/strict';

import { Cluster } from '../support/faults/cluster/cluster.ts';
import { Random } from '../support/faults/random.ts';
import { readOptions, VARIABLE } from '../support/faults/run/options.ts';
import { runScenario, type Result } from '../support/faults/run/run-scenario.ts';
import { select, type FaultOptions } from '../support/faults/run/selection.ts';
import { tableOf } from '../support/faults/run/table.ts';
import { scenarios } from '../support/faults/scenarios/index.ts';

const SHOWN = 20;
/** Milliseconds after the start of a short run in which a scenario may begin: with its own half minute it stays within six. */
const LATEST_START_MS = 320_000;
const given = process.env[VARIABLE];
const options = given === undefined ? readOptions([]) : (JSON.parse(given) as FaultOptions);

const isDrawn = !options.isFull && options.only === undefined;

describe(`three nodes in which something breaks (seed ${options.seed})`, function () {
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
      // A machine that is busy with other things gets through fewer.
      if (isDrawn && performance.now() - startedAt > LATEST_START_MS) this.skip();
      const random = new Random(options.seed ^ hash(scenario.name));
      try {
        const result = await runScenario(cluster!, scenario, { random, isFull: options.isFull });
        results.push(result);
        const failures = result.failures.slice(0, SHOWN).join('\n');
        // At once, in case the run is ended before mocha lists what failed.
        if (failures !== '') console.log(failures);
        assert.equal(failures, '');
      } catch (error) {
        // A cluster that could not be mended would fail the scenarios after it too.
        if (!(error instanceof assert.AssertionError)) {
          await cluster?.close();
          cluster = await Cluster.start(random);
        }
        throw error;
      }
    });
  }
});

/** A number for a name, so that a scenario does the same alone as among others. */
function hash(name: string): number {
  return Buffer.from(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);
}
