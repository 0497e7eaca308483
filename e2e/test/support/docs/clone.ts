import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { watchProcess, type WatchedProcess } from '@parley/dev';

import { ROOT } from './documents.ts';
import { Starts } from './starts.ts';

const run = promisify(execFile);

/** What a terminal has, without what npm and the tests have put there. */
function terminal(): Record<string, string | undefined> {
  const ours =
    /^(npm_|PARLEY_|MOCHA_|NODE_|INIT_CWD$|CI$|PORT$|HOST$|MONGODB_URI$|REDIS_URL$|S3_)/i;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const folders = (process.env['PATH'] ?? '').split(':');
  return {
    ...Object.fromEntries(kept),
    PATH: folders.filter((folder) => !/node_modules|node-gyp-bin/.test(folder)).join(':'),
    npm_config_prefer_offline: 'true',
  };
}

async function listed(...args: readonly string[]): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '-z', ...args], { cwd: ROOT });
  return stdout.split('\0').filter(Boolean);
}

/** A fresh clone of this working tree, in a folder of its own, and a shell to type commands into. */
export class Clone {
  readonly path: string;
  readonly starts = new Starts(this);
  readonly #typed = new Set<WatchedProcess>();

  private constructor(path: string) {
    this.path = path;
  }

  /** Clones what is committed, then takes over what has been changed since. */
  static async create(): Promise<Clone> {
    const path = await mkdtemp(join(tmpdir(), 'parley-docs-'));
    await run('git', ['clone', '--quiet', '--no-tags', ROOT, path]);
    for (const name of await listed('--deleted')) await rm(join(path, name), { force: true });
    const gone = new Set(await listed('--deleted'));
    const changed = await listed('--modified', '--others', '--exclude-standard');
    for (const name of changed.filter((candidate) => !gone.has(candidate))) {
      await cp(join(ROOT, name), join(path, name));
    }
    await run('git', ['add', '--all'], { cwd: path });
    return new Clone(path);
  }

  /** Types a command at the clone's root. It is the leader of a process group, as in a terminal. */
  type(command: string, env: Readonly<Record<string, string>> = {}): WatchedProcess {
    // An interactive shell outlives the Ctrl+C that ends its command.
    const child = spawn(`trap : INT\n${command}`, {
      shell: true,
      cwd: this.path,
      env: { ...terminal(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const typed = watchProcess(child);
    this.#typed.add(typed);
    void typed.ended.then(() => this.#typed.delete(typed));
    return typed;
  }

  /** Types a command and waits for its end. Throws with its output unless it ends with exit code 0. */
  async succeeds(command: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const typed = this.type(command, env);
    const { code, signal } = await typed.ended;
    if (code === 0) return typed.output();
    throw new Error(`${command} ended with ${String(signal ?? code)}:\n${typed.output()}`);
  }

  /** Presses Ctrl+C: every process of the group gets SIGINT. */
  interrupt({ pid }: WatchedProcess): void {
    process.kill(-pid, 'SIGINT');
  }

  /** What differs from the clone as it was made. */
  async changes(): Promise<string> {
    const { stdout } = await run('git', ['diff', '--stat'], { cwd: this.path });
    const { stdout: others } = await run('git', ['ls-files', '--others', '--exclude-standard'], {
      cwd: this.path,
    });
    return stdout + others;
  }

  /** Ends what still runs and removes the clone. */
  async close(): Promise<void> {
    const running = [...this.#typed];
    for (const typed of running) this.interrupt(typed);
    await Promise.all(running.map(({ ended }) => ended));
    await rm(this.path, { recursive: true, force: true });
  }
}
