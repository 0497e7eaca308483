import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Environment } from '../config.ts';
import { LaunchError } from '../launch-error.ts';
import { systemEnvironment } from '../processes/child-environment.ts';

const run = promisify(execFile);

/** A server that is here and runs. */
export interface FoundEngine {
  readonly path: string;
  /** Such as `6.0.5`. */
  readonly version: string;
}

/** One place to get a server from. `find` throws, with a reason that fits behind a colon, when it has none. */
export interface EngineSource {
  readonly name: string;
  readonly find: () => Promise<FoundEngine>;
}

/** What the search needs to know about the machine. */
export interface LocateContext {
  readonly env: Environment;
  /** Where engines are kept. */
  readonly cache: string;
  /** Tells the person one line. */
  readonly say: (line: string) => void;
}

/** Runs a server with `--version`, because a file that is there may still lack a library. Throws if it does not run. */
export async function probeVersion(path: string, env: Environment): Promise<FoundEngine> {
  const options = { timeout: 10_000, env: systemEnvironment(env) };
  const { stdout } = await run(path, ['--version'], options).catch((error: unknown) => {
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = (stderr ?? '').trim().split('\n')[0];
    throw new Error(`${path} does not run here (${reason ? reason : message})`, { cause: error });
  });
  const version = /v=?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} does not tell its version`);
  return { path, version };
}

async function findOnPath(command: string, env: Environment): Promise<string | undefined> {
  const extension = process.platform === 'win32' ? '.exe' : '';
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const path = join(folder, `${command}${extension}`);
    const runnable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runnable) return path;
  }
  return undefined;
}

/** A source: the first of these commands that is on PATH. */
export function onPath(commands: readonly string[], env: Environment): EngineSource {
  return {
    name: 'PATH',
    find: async () => {
      for (const command of commands) {
        const path = await findOnPath(command, env);
        if (path !== undefined) return probeVersion(path, env);
      }
      throw new Error(`there is no ${commands.join(' or ')}`);
    },
  };
}

/** A source: a server that was fetched for an earlier start. */
export function fromCache(engine: FoundEngine): EngineSource {
  return { name: 'Cache', find: () => Promise.resolve(engine) };
}

/** Where to look, and what to tell when nothing is found. */
export interface Search {
  /** Sources on this computer. What they lack is told only if they have nothing at all. */
  readonly near: readonly EngineSource[];
  /** Sources that have to be fetched from, asked afterwards. */
  readonly far: readonly EngineSource[];
  readonly say: (line: string) => void;
  /** One line that says what is missing and what to do. */
  readonly advice: string;
}

/**
 * Asks the sources one after the other and tells in one line why a source has nothing. Throws `LaunchError` with the
 * advice when all fail.
 */
export async function locate({ near, far, say, advice }: Search): Promise<FoundEngine> {
  const untold: string[] = [];
  for (const source of [...near, ...far]) {
    if (far.includes(source)) untold.splice(0).forEach(say);
    try {
      return await source.find();
    } catch (error) {
      untold.push(`${source.name}: ${(error as Error).message}`);
    }
  }
  untold.forEach(say);
  throw new LaunchError(advice);
}
