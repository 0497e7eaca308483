import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import which from 'which';
import { type Environment } from '../config.ts';
import { LaunchError } from '../launch-error.ts';
import { systemEnvironment } from '../processes/child-environment.ts';

const run = promisify(execFile);

/** A server that is installed and runs. */
export interface FoundEngine {
  readonly path: string;
  /** Such as `6.0.5`. */
  readonly version: string;
}

/** A place to get a server from. If it has none, `find` throws an error whose message can follow a colon. */
export interface EngineSource {
  readonly name: string;
  readonly find: () => Promise<FoundEngine>;
}

/** What the search for a server depends on. */
export interface LocateContext {
  readonly env: Environment;
  /** Where engines are kept. */
  readonly cache: string;
  /** Prints one line for the user. */
  readonly say: (line: string) => void;
}

/** Runs a server with `--version`: a file that exists may still lack a library. Throws if it does not run. */
export async function probeVersion(path: string, env: Environment): Promise<FoundEngine> {
  const options = { timeout: 10_000, env: systemEnvironment(env) };
  const { stdout } = await run(path, ['--version'], options).catch((error: unknown) => {
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = (stderr ?? '').trim().split('\n')[0];
    throw new Error(`${path} does not run here (${reason ? reason : message})`, { cause: error });
  });
  const version = /v=?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} does not print its version`);
  return { path, version };
}

/** A source: the first of these commands that is on PATH. */
export function onPath(commands: readonly string[], env: Environment): EngineSource {
  return {
    name: 'PATH',
    find: async () => {
      for (const command of commands) {
        const path = await which(command, {
          path: env['PATH'] ?? env['Path'] ?? '',
          nothrow: true,
        });
        if (path !== null) return probeVersion(path, env);
      }
      throw new Error(`there is no ${commands.join(' or ')}`);
    },
  };
}

/** A source: a server that was fetched for an earlier start. */
export function fromCache(engine: FoundEngine): EngineSource {
  return { name: 'Cache', find: () => Promise.resolve(engine) };
}

/** Where to look, and what to say if nothing is found. */
export interface Search {
  /** Sources on this machine. Why they failed is printed only if none of them has the server. */
  readonly near: readonly EngineSource[];
  /** Sources to download from, tried afterwards. */
  readonly far: readonly EngineSource[];
  readonly say: (line: string) => void;
  /** One line that says what is missing and what to do. */
  readonly advice: string;
}

/**
 * Tries the sources one after the other and prints in one line why a source failed. Throws `LaunchError` with the
 * advice if all fail.
 */
export async function locate({ near, far, say, advice }: Search): Promise<FoundEngine> {
  const unprinted: string[] = [];
  for (const source of [...near, ...far]) {
    if (far.includes(source)) unprinted.splice(0).forEach(say);
    try {
      return await source.find();
    } catch (error) {
      unprinted.push(`${source.name}: ${(error as Error).message}`);
    }
  }
  unprinted.forEach(say);
  throw new LaunchError(advice);
}
