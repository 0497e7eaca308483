import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LaunchError } from '../launch-error.ts';
import { commandLine, isAlive } from '../processes/process-identity.ts';

const POLL_MS = 50;

async function samePlace(one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const places = await Promise.all([one, other].map((path) => realpath(path).catch(() => path)));
  return places[0] === places[1];
}

/** The process id of the `mongod` that uses this data folder, according to the lock file in it. */
async function runningOn(dbPath: string): Promise<number | undefined> {
  const text = await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0) || pid === process.pid || !isAlive(pid)) return undefined;
  const [command = '', ...args] = await commandLine(pid);
  if (!command.includes('mongod')) return undefined;
  const folder = args[args.indexOf('--dbpath') + 1];
  return folder !== undefined && (await samePlace(folder, dbPath)) ? pid : undefined;
}

async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals, dbPath: string): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new LaunchError(
      `A mongod of another user (process ${pid}) uses ${dbPath}; stop it first.`,
      { cause: error },
    );
  }
}

/**
 * Stops a `mongod` that a killed launcher left running on this data folder, and prints a line. The caller holds the lock
 * of the data folder, so the launcher that started that `mongod` has ended.
 */
export async function stopOrphan(
  dbPath: string,
  say: (line: string) => void,
  graceMs = 30_000,
): Promise<void> {
  const pid = await runningOn(dbPath);
  if (pid === undefined) return;
  signal(pid, 'SIGTERM', dbPath);
  if (!(await waitForEnd(pid, graceMs))) {
    signal(pid, 'SIGKILL', dbPath);
    await waitForEnd(pid, graceMs);
  }
  say(`A MongoDB left behind by an earlier run (process ${pid}) has been stopped.`);
}
