import { execFile } from 'node:child_process';
import { availableParallelism, platform } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The core of the server, and the core that all other processes share. */
export interface Cores {
  readonly server: number;
  readonly others: number;
}

/** The cores to use; undefined if processes cannot be pinned because there is no `taskset` or only one core. */
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

/** The cores in the output of `taskset -pc`, such as `…: 0-2,5`. */
export function coresIn(affinity: string): number[] {
  const list = affinity.slice(affinity.lastIndexOf(':') + 1).trim();
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** A command line that runs pinned to a core; unchanged if there is no core to pin to. */
export function pinned(core: number | undefined, command: readonly string[]): string[] {
  return core === undefined ? [...command] : ['taskset', '-c', String(core), ...command];
}

/** Moves all threads of a running process to a core. */
export async function pin(core: number, pid: number): Promise<void> {
  await run('taskset', ['-acp', String(core), String(pid)]);
}

/** A command line that runs with the lowest priority; unchanged if there is no `nice`. */
export function yielding(command: readonly string[]): string[] {
  return platform() === 'win32' ? [...command] : ['nice', '-n', '19', ...command];
}
