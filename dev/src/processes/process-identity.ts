import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { processEnvironment } from '../config.ts';
import { systemEnvironment } from './child-environment.ts';

const run = promisify(execFile);

/** Whether a process with this id exists, including processes of other users. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  try {
    // The form of a date depends on the language.
    const env = { ...systemEnvironment(processEnvironment()), LC_ALL: 'C' };
    const { stdout } = await run('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], { env });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * When the process started, in a form that is only good for comparing. Process ids are reused, in containers at every
 * start; an id together with its start time is not. Undefined if the system does not say.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'lstart');
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may itself hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The arguments of a running process, its command first; on macOS split at blanks. Empty if the system does not say. */
export async function commandLine(pid: number): Promise<string[]> {
  if (process.platform !== 'linux') return (await ps(pid, 'command'))?.split(' ') ?? [];
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').filter(Boolean);
  } catch {
    return [];
  }
}
