import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type DataFolder } from '../data-folder.ts';
import { type Engine } from '../engines/engine.ts';
import { type FoundEngine, type LocateContext } from '../engines/locate.ts';
import { type MongodKey } from '../engines/mongod-key.ts';
import { locateMongod, startMember, startMongod } from '../engines/mongod.ts';
import { locateValkey, startValkey } from '../engines/valkey.ts';
import { type Watchdog } from '../processes/watchdog.ts';
import { readDataVersion, writeDataVersion } from './data-version.ts';
import { type PartPlan, type RunningPart } from './part.ts';

const MONGOD_GRACE_MS = 30_000;
const VALKEY_GRACE_MS = 10_000;
const PASSWORD_BYTES = 32;

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

/** A member of the replica set. */
export interface MongodMember {
  /** From 1. */
  readonly number: number;
  /** Members of the set. */
  readonly of: number;
  /** The key of the set. */
  readonly key: MongodKey;
}

/** Members share the memory that one `mongod` would get. */
const CACHE_GB = { alone: 1, each: 0.5 };
/** Without it, a member that is stopped runs for another 15 s, so that clients of another machine find the others. */
const QUICK_SHUTDOWN = ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=500'];

/** The data folder of a member: that of the first is the one of a MongoDB without others. */
export function memberFolder(folder: DataFolder, number: number): string {
  return number === 1 ? folder.mongo : `${folder.mongo}-${number}`;
}

/** One `mongod` with its data in the data folder. If it is not the only one, the set is not configured by its start. */
export function mongodPlan(context: EngineContext, member: MongodMember): PartPlan {
  const { folder, locateContext, mongodArgs, watchdog } = context;
  const dbPath = memberFolder(folder, member.number);
  const name = member.number === 1 ? 'mongod' : `mongod-${member.number}`;
  const isAlone = member.of === 1;
  const start = isAlone ? startMongod : startMember;
  let found: FoundEngine | undefined;
  return {
    name,
    kind: 'mongod',
    start: async (before) => {
      found ??= await locateMongod(
        locateContext,
        (await readDataVersion(dbPath)) ?? (await readDataVersion(folder.mongo)),
      );
      const engine = await start({
        path: found.path,
        dbPath,
        logFile: join(folder.logs, `${name}.log`),
        watchdog,
        env: locateContext.env,
        say: locateContext.say,
        key: member.key,
        cacheGb: isAlone ? CACHE_GB.alone : CACHE_GB.each,
        args: [...(isAlone ? [] : QUICK_SHUTDOWN), ...(mongodArgs ?? [])],
        ...portOf(before),
      });
      await writeDataVersion(dbPath, found.version);
      return running(engine, MONGOD_GRACE_MS);
    },
  };
}

/** Valkey or Redis; it keeps nothing, so its password lasts as long as the plan. */
export function valkeyPlan({ folder, locateContext, watchdog }: EngineContext): PartPlan {
  let found: FoundEngine | undefined;
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  return {
    name: 'redis',
    kind: 'redis',
    start: async (before) => {
      found ??= await locateValkey(locateContext);
      const engine = await startValkey({
        path: found.path,
        folder: folder.valkey,
        password,
        logFile: join(folder.logs, 'redis.log'),
        watchdog,
        env: locateContext.env,
        ...portOf(before),
      });
      return running(engine, VALKEY_GRACE_MS);
    },
  };
}
