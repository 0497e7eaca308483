import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { watchProcess, type WatchedProcess } from '../../src/testing/watched-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs `npm` as a terminal does: it and all it starts are one process group, whose id is the process id of npm. */
export function runNpm(
  args: readonly string[],
  env: Record<string, string | undefined>,
): WatchedProcess {
  // Inside `npm test` npm has set variables of its own, which a terminal has not.
  const outer = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const child = spawn('npm', args, {
    cwd: ROOT,
    env: { ...Object.fromEntries(outer), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return watchProcess(child);
}
