import { setImmediate } from 'node:timers/promises';
import type { Context, RootHookObject } from 'mocha';

import { leakedHandles, openHandles, type OpenHandles } from './open-handles.ts';
import { TestEngines } from './test-engines.ts';

const EXIT_MS = 1_000;

/** Whether mocha runs files in parallel and this process is one of its workers. */
const isWorker = process.send !== undefined && process.env['MOCHA_WORKER_ID'] !== undefined;

/** Whether the object store is the strict one, for which `versitygw` must be there. */
const isStrict = () => process.env['PARLEY_TEST_STORE'] === 'versitygw';

// eslint-disable-next-line no-restricted-syntax -- Mocha calls the hooks; what they share lives as long as the process.
let engines: TestEngines | undefined;
// eslint-disable-next-line no-restricted-syntax -- Mocha calls the hooks; what they share lives as long as the process.
let handles: OpenHandles | undefined;

/**
 * Starts a MongoDB in `PARLEY_TEST_MONGODB_URI`, a Redis in `PARLEY_TEST_REDIS_URL` and an object store in
 * `PARLEY_TEST_S3_URL`, unless the variables name some already. A worker has engines of its own.
 */
async function startEngines(): Promise<TestEngines> {
  // The AWS SDK warns about versions of Node, which is no result of a test.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const started = await TestEngines.create(process.env);
  const provide = async (name: string, start: () => Promise<string>) => {
    process.env[name] ||= await start();
  };
  const outcomes = await Promise.allSettled([
    provide('PARLEY_TEST_MONGODB_URI', () => started.mongod()),
    provide('PARLEY_TEST_REDIS_URL', () => started.valkey()),
    provide('PARLEY_TEST_S3_URL', () =>
      isStrict() ? started.strictObjectStore() : started.objectStore(),
    ),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return started;
  await started.close();
  throw failed.reason;
}

/** Run by mocha around all files, or around each file if it runs them in parallel. */
export const mochaHooks: RootHookObject = {
  async beforeAll(this: Context) {
    // The first run ever fetches the engines.
    this.timeout(0);
    engines ??= await startEngines();
    // By then the hook has its own timer, as the one that compares will have.
    await setImmediate();
    handles = openHandles();
  },

  /** Fails the run if a test has left something open. */
  async afterAll(this: Context) {
    this.timeout(0);
    // Looked at while the engines still run: a client that was not closed then shows the port it is connected to.
    engines?.closeIdle();
    const leaks = handles ? await leakedHandles(handles) : [];
    // A worker keeps its engines for the next file; they end with it.
    if (!isWorker) await engines?.close();
    if (leaks.length === 0) return;
    // What is open would keep the run from ending; mocha's own exit code is set while the process exits.
    if (!isWorker) setTimeout(() => process.exit(), EXIT_MS).unref();
    throw new Error(`Tests left something open: ${leaks.join(', ')}`);
  },
};
