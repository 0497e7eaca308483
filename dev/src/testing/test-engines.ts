import { randomBytes } from 'node:crypto';
import { access, constants, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@parley/backend-common';
import { cacheFolder } from '../engines/cache.ts';
import { type Engine } from '../engines/engine.ts';
import { type LocateContext } from '../engines/locate.ts';
import { locateMongod, startMongod } from '../engines/mongod.ts';
import { locateValkey, startValkey } from '../engines/valkey.ts';
import { Watchdog } from '../processes/watchdog.ts';
import { type EmbeddedStore, startLazyStore } from '../object-store/embedded-store.ts';
import { startVersitygw, type Versitygw } from './versitygw.ts';

/** A folder in memory, on Linux, where no write waits for a disk. */
const MEMORY = '/dev/shm';
/** Bytes that must be free in it; a test run needs a fraction of that. */
const ROOM = 4 * 1024 ** 3;

/** Engines for tests, with their data in a temporary folder; they stop when this process ends, even if it is killed. */
export class TestEngines {
  readonly #folder: string;
  readonly #watchdog: Watchdog;
  readonly #context: LocateContext;
  readonly #engines: Engine[] = [];
  #store: EmbeddedStore | undefined;
  #gateway: Versitygw | undefined;
  #buckets: string | undefined;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#watchdog = new Watchdog(env);
    this.#watchdog.watchFolder(folder);
    this.#context = { env, cache: cacheFolder(env), say: (line) => console.error(line) };
  }

  /** A set with nothing started yet. */
  static async create(env: NodeJS.ProcessEnv): Promise<TestEngines> {
    const place = (await hasRoom(MEMORY)) ? MEMORY : tmpdir();
    return new TestEngines(await mkdtemp(join(place, 'parley-test-')), env);
  }

  /** Starts a replica set of one that also takes test commands such as `failCommand`; returns its URI. */
  async mongod(): Promise<string> {
    const { path } = await locateMongod(this.#context);
    const engine = await startMongod({
      path,
      dbPath: join(this.#folder, 'mongo'),
      logFile: join(this.#folder, 'mongod.log'),
      watchdog: this.#watchdog,
      env: this.#context.env,
      say: this.#context.say,
      cacheGb: 0.5,
      // Many tests have a clock of their own, by which nothing is old that MongoDB would remove as expired.
      args: ['--setParameter', 'enableTestCommands=1', '--setParameter', 'ttlMonitorEnabled=false'],
    });
    this.#engines.push(engine);
    return engine.url;
  }

  /** Starts Valkey or Redis; returns its URL. */
  async valkey(): Promise<string> {
    const { path } = await locateValkey(this.#context);
    const engine = await startValkey({
      path,
      folder: join(this.#folder, 'valkey'),
      logFile: join(this.#folder, 'valkey.log'),
      watchdog: this.#watchdog,
      env: this.#context.env,
    });
    this.#engines.push(engine);
    return engine.url;
  }

  /** Starts an object store that makes the bucket `test-…` of each test when it is first used; returns its URL with the keys. */
  async objectStore(): Promise<string> {
    const keys = { accessKeyId: 'test', secretAccessKey: randomBytes(24).toString('hex') };
    this.#store = await startLazyStore({
      ...{ keys, host: '127.0.0.1', port: 0, bucket: 'test', origins: ['*'] },
      folder: join(this.#folder, 'objects'),
      bucketsOnDemand: true,
      logger: createLogger({ service: 'object-store', level: 'warn' }),
    });
    return withKeys(this.#store.url, keys);
  }

  /** Starts the strict store in place of it. Its buckets are folders, and tests make them as such. */
  async strictObjectStore(): Promise<string> {
    const keys = { accessKeyId: 'test', secretAccessKey: randomBytes(24).toString('hex') };
    // versitygw needs extended attributes, which the file system in memory does not have.
    const folder = await mkdtemp(join(tmpdir(), 'parley-versitygw-'));
    this.#buckets = folder;
    this.#watchdog.watchFolder(folder);
    process.env['PARLEY_TEST_S3_FOLDER'] = folder;
    this.#gateway = await startVersitygw(folder, keys);
    return withKeys(this.#gateway.url, keys);
  }

  /** Closes idle connections to the engines in this process. */
  closeIdle(): void {
    this.#store?.closeIdle();
  }

  /** Ends the engines and removes their data. */
  async close(): Promise<void> {
    const stores = [this.#store?.close(), this.#gateway?.stop()];
    await Promise.all([...this.#engines.map(({ child }) => child.kill()), ...stores]);
    for (const folder of [this.#folder, this.#buckets]) {
      if (folder === undefined) continue;
      await rm(folder, { recursive: true, force: true });
      this.#watchdog.unwatchFolder(folder);
    }
    this.#watchdog.close();
  }
}

function withKeys(
  storeUrl: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): string {
  const url = new URL(storeUrl);
  url.username = keys.accessKeyId;
  url.password = keys.secretAccessKey;
  return url.href;
}

async function hasRoom(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}
