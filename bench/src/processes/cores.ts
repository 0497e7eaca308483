import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Which core the server has to itself, and which one everything else shares. */
export interface Cores {
  readonly server: number;
  readonly others: number;
}

/** The cores to use, or undefined where processes cannot be pinned: without `taskset`, or on a single core. */
export async function chooseCores(): Promise<Cores | undefined> {
  if (availableParallelism() < 2) return undefined;
  try {
    const { stdout } = await run('taskset', ['-pc', String(process.pid)]);
    const [server, others] = coresIn(stdout);
    return server === undefined || others === undefined ? undefined : { server, others };
  } catch {
    return undefined;
  }
}

/** The cores that `taskset -pc` names, such as `…: 0-2,5`. */
export function coresIn(affinity: string): number[] {
  const list = affinity.slice(affinity.lastIndexOf(':') + 1).trim();
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** A command line that runs pinned to a core; unchanged without one. */
export function pinned(core: number | undefined, command: readonly string[]): string[] {
  return core === undefined ? [...command] : ['taskset', '-c', String(core), ...command];
}

/** Moves all threads of a running process to a core. */
export async function pin(core: number, pid: number): Promise<void> {
  await run('taskset', ['-acp', String(core), String(pid)]);
}
