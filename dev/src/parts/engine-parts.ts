import { join } from 'node:path';
import { type DataFolder } from '../data-folder.ts';
import { type Engine } from '../engines/engine.ts';
import { type FoundEngine, type LocateContext } from '../engines/locate.ts';
import { locateMongod, startMongod } from '../engines/mongod.ts';
import { locateValkey, startValkey } from '../engines/valkey.ts';
import { type Watchdog } from '../processes/watchdog.ts';
import { readDataVersion, writeDataVersion } from './data-version.ts';
import { type PartPlan, type RunningPart } from './part.ts';

const MONGOD_GRACE_MS = 30_000;
const VALKEY_GRACE_MS = 10_000;

/** What the engines of one stack share. */
export interface EngineContext {
  readonly folder: DataFolder;
  readonly locateContext: LocateContext;
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
export function mongodPlan({
  folder,
  locateContext,
  watchdog,
  mongodArgs,
}: EngineContext): PartPlan {
  let found: FoundEngine | undefined;
  return {
    name: 'mongod',
    kind: 'mongod',
    start: async (before) => {
      found ??= await locateMongod(locateContext, await readDataVersion(folder.mongo));
      const engine = await startMongod({
        path: found.path,
        dbPath: folder.mongo,
        logFile: join(folder.logs, 'mongod.log'),
        watchdog,
        env: locateContext.env,
        say: locateContext.say,
        args: mongodArgs ?? [],
        ...portOf(before),
      });
      await writeDataVersion(folder.mongo, found.version);
      return running(engine, MONGOD_GRACE_MS);
    },
  };
}

/** Valkey or Redis; it keeps nothing. */
export function valkeyPlan({ folder, locateContext, watchdog }: EngineContext): PartPlan {
  let found: FoundEngine | undefined;
  return {
    name: 'redis',
    kind: 'redis',
    start: async (before) => {
      found ??= await locateValkey(locateContext);
      const engine = await startValkey({
        path: found.path,
        folder: folder.valkey,
        logFile: join(folder.logs, 'redis.log'),
        watchdog,
        env: locateContext.env,
        ...portOf(before),
      });
      return running(engine, VALKEY_GRACE_MS);
    },
  };
}
