import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { watchProcess, type WatchedProcess } from '../../src/testing/watched-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LOADER = ['--import', import.meta.resolve('tsx'), '--conditions=source'];

/** Runs a TypeScript file, named by its path in the repository; `env` is added to the present environment. */
export function runScript(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string | undefined> = {},
): WatchedProcess {
  const child = spawn(process.execPath, [...LOADER, file, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watchProcess(child);
}
