import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, locateMongod, startMongod, Watchdog } from '@parley/dev';
import { MongoClient } from 'mongodb';

import { type Cores, pin } from './cores.ts';

/** Gigabytes for the cache of a MongoDB that is started here. */
const CACHE_GB = 2;
/** Seconds until the next checkpoint of MongoDB while latency is compared, the longest that it accepts. Its default is a minute. */
const NO_CHECKPOINT = 3_600;
const GRACE_MS = 15_000;

/** The MongoDB that the inserting relay and Parley write to. */
export interface Store {
  /** Absent if this run did not start it. */
  readonly pid: number | undefined;
  /** The URI with a database name. */
  uri(database: string): string;
  /**
   * Stops the checkpoints of a server that this run started. A checkpoint delays insertions for a moment, and could fall
   * into only one of two periods that are compared.
   */
  stopCheckpoints(): Promise<void>;
  /** Drops the databases of this run, and stops the server if this run started it. */
  close(): Promise<void>;
}

/** The URI with the given database name. */
export function withDatabase(uri: string, database: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${database}`);
}

/** A MongoDB that runs already. Our databases in it are dropped afterwards; its CPU is not measured. */
function borrowed(uri: string): Store {
  const used = new Set<string>();
  return {
    pid: undefined,
    stopCheckpoints: () => Promise.resolve(),
    uri: (database) => {
      used.add(database);
      return withDatabase(uri, database);
    },
    close: async () => {
      const client = new MongoClient(uri);
      for (const database of used) await client.db(database).dropDatabase();
      await client.close();
    },
  };
}

/**
 * The MongoDB of `MONGODB_URI` or `PARLEY_TEST_MONGODB_URI`, else one of this run's own. Its data are on the disk
 * of `folder`, because a journal in memory would cost nothing, and it runs on the core that the server does not use.
 */
export async function openStore(
  folder: string,
  cores: Cores | undefined,
  cacheGb = CACHE_GB,
): Promise<Store> {
  const given = process.env['MONGODB_URI'] ?? process.env['PARLEY_TEST_MONGODB_URI'];
  if (given !== undefined) return borrowed(given);
  const say = (line: string): void => console.error(line);
  const data = join(folder, `mongod-${process.pid}`);
  const watchdog = new Watchdog(process.env);
  await mkdir(data, { recursive: true });
  watchdog.watchFolder(data);
  const context = { env: process.env, cache: cacheFolder(process.env), say };
  const { path } = await locateMongod(context);
  const engine = await startMongod({
    ...{ path, watchdog, say, cacheGb, env: process.env },
    dbPath: join(data, 'data'),
    logFile: join(folder, 'mongod.log'),
  });
  if (cores !== undefined) await pin(cores.others, engine.child.pid);
  return {
    pid: engine.child.pid,
    uri: (database) => withDatabase(engine.url, database),
    stopCheckpoints: async () => {
      const client = new MongoClient(engine.url);
      try {
        await client.db('admin').command({ setParameter: 1, syncdelay: NO_CHECKPOINT });
      } finally {
        await client.close();
      }
    },
    close: async () => {
      await engine.child.stop(GRACE_MS);
      await rm(data, { recursive: true, force: true });
      watchdog.unwatchFolder(data);
      watchdog.close();
    },
  };
}
