import { leakedHandles, openHandles, type OpenHandles } from './open-handles.ts';
import { ThrowAwayEngines } from './throw-away.ts';

const EXIT_MS = 1_000;

interface Run {
  engines?: ThrowAwayEngines;
  handles?: OpenHandles;
}

/**
 * Before the first test: a MongoDB in `PARLEY_TEST_MONGODB_URI`, a Redis in `PARLEY_TEST_REDIS_URL` and an object store
 * in `PARLEY_TEST_S3_URL`, all thrown away afterwards, unless the variables name some already.
 */
export async function mochaGlobalSetup(this: Run): Promise<void> {
  // Advice for who chooses versions, not for who reads the results of tests.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const engines = await ThrowAwayEngines.create(process.env);
  this.engines = engines;
  const provide = async (name: string, start: () => Promise<string>) => {
    process.env[name] ||= await start();
  };
  const outcomes = await Promise.allSettled([
    provide('PARLEY_TEST_MONGODB_URI', () => engines.mongod()),
    provide('PARLEY_TEST_REDIS_URL', () => engines.valkey()),
    provide('PARLEY_TEST_S3_URL', () => engines.objectStore()),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await engines.close();
    throw failed.reason;
  }
  this.handles = openHandles();
}

/** After the last test: ends the engines, and fails the run if a test has left something open. */
export async function mochaGlobalTeardown(this: Run): Promise<void> {
  // Looked at while the engines still run: a client that was not closed then shows the port it is connected to.
  const leaks = this.handles ? await leakedHandles(this.handles) : [];
  await this.engines?.close();
  if (leaks.length === 0) return;
  // What is open would keep the run from ending; mocha's own exit code is set while the process exits.
  setTimeout(() => process.exit(), EXIT_MS).unref();
  throw new Error(`Tests left something open: ${leaks.join(', ')}`);
}
