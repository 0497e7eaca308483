import { join } from 'node:path';
import { type DataFolder } from '../data-folder.ts';
import { type Engine } from '../engines/engine.ts';
import { type FoundEngine, type Surroundings } from '../engines/locate.ts';
import { locateMongod, startMongod } from '../engines/mongod.ts';
import { locateValkey, startValkey } from '../engines/valkey.ts';
import { type Watchdog } from '../engines/watchdog.ts';
import { readDataVersion, writeDataVersion } from './data-version.ts';
import { type PartPlan, type RunningPart } from './part.ts';

const MONGOD_GRACE_MS = 30_000;
const VALKEY_GRACE_MS = 10_000;

/** What the engines of one stack share. */
export interface EngineSite {
  readonly folder: DataFolder;
  readonly surroundings: Surroundings;
  readonly watchdog: Watchdog;
  /** Further arguments for `mongod`. */
  readonly mongodArgs?: readonly string[] | undefined;
}

function portOf(part: RunningPart | undefined): { port?: number } {
  return part === undefined ? {} : { port: Number(new URL(part.url).port) };
}

function running({ child, url }: Engine, graceMs: number): RunningPart {
  return { pid: child.pid, url, exited: child.exited, stop: () => child.stop(graceMs) };
}

/** MongoDB with its data in the data folder. */
export function mongodPlan({ folder, surroundings, watchdog, mongodArgs }: EngineSite): PartPlan {
  let found: FoundEngine | undefined;
  return {
    name: 'mongod',
    kind: 'mongod',
    start: async (before) => {
      found ??= await locateMongod(surroundings, await readDataVersion(folder.mongo));
      const engine = await startMongod({
        path: found.path,
        dbPath: folder.mongo,
        logFile: join(folder.logs, 'mongod.log'),
        watchdog,
        env: surroundings.env,
        say: surroundings.say,
        args: mongodArgs ?? [],
        ...portOf(before),
      });
      await writeDataVersion(folder.mongo, found.version);
      return running(engine, MONGOD_GRACE_MS);
    },
  };
}

/** Valkey or Redis; it keeps nothing. */
export function valkeyPlan({ folder, surroundings, watchdog }: EngineSite): PartPlan {
  let found: FoundEngine | undefined;
  return {
    name: 'redis',
    kind: 'redis',
    start: async (before) => {
      found ??= await locateValkey(surroundings);
      const engine = await startValkey({
        path: found.path,
        folder: folder.valkey,
        logFile: join(folder.logs, 'redis.log'),
        watchdog,
        env: surroundings.env,
        ...portOf(before),
      });
      return running(engine, VALKEY_GRACE_MS);
    },
  };
}
