import { spawn, type ChildProcess } from 'node:child_process';
import { type Environment } from '../config.ts';
import { systemEnvironment } from './child-environment.ts';

const GRACE_MS = 15_000;

/*
 * Plain JavaScript in a string starts in 40 ms, without a loader. Its standard input ends when the process that started
 * it ends, for whatever reason. Then the watchdog stops every process that it still watches, and kills those that are
 * still running after a grace time.
 */
const SCRIPT = `
const pids = new Set(), folders = new Set();
const send = (pid, signal) => { try { process.kill(pid, signal); return true; } catch { return false; } };
const orders = { watch: (v) => pids.add(v), unwatch: (v) => pids.delete(v), watchFolder: (v) => folders.add(v), unwatchFolder: (v) => folders.delete(v) };
require('node:readline').createInterface({ input: process.stdin })
  .on('line', (line) => { const [order, value] = JSON.parse(line); orders[order](value); })
  .on('close', () => {
    for (const pid of pids) send(pid, 'SIGTERM');
    const deadline = Date.now() + ${GRACE_MS};
    const timer = setInterval(() => {
      for (const pid of pids) if (!send(pid, 0)) pids.delete(pid);
      if (pids.size > 0 && Date.now() < deadline) return;
      clearInterval(timer);
      for (const pid of pids) send(pid, 'SIGKILL');
      for (const folder of folders) require('node:fs').rmSync(folder, { recursive: true, force: true });
    }, 50);
  });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
`;

/**
 * A small process that outlives this one and stops the processes which this one started but could not stop, because it
 * was killed. It does not keep this process running.
 */
export class Watchdog {
  readonly #child: ChildProcess;

  /** @param env - the environment of this process, of which the watchdog gets what its system needs */
  constructor(env: Environment) {
    this.#child = spawn(process.execPath, ['--input-type=commonjs', '-e', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: systemEnvironment(env),
      detached: true,
      windowsHide: true,
    });
    this.#child.on('error', () => undefined);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.unref();
    (this.#child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }

  /** Stops the process `pid` if this process ends. */
  watch(pid: number): void {
    this.#order('watch', pid);
  }

  /** Stops watching a process that has ended; another process may get its id. */
  unwatch(pid: number): void {
    this.#order('unwatch', pid);
  }

  /** Deletes the folder if this process ends before it calls `unwatchFolder`. */
  watchFolder(path: string): void {
    this.#order('watchFolder', path);
  }

  /** Stops watching a folder. */
  unwatchFolder(path: string): void {
    this.#order('unwatchFolder', path);
  }

  #order(order: string, value: number | string): void {
    this.#child.stdin?.write(`${JSON.stringify([order, value])}\n`);
  }

  /** Ends the watchdog, which stops what it still watches. */
  close(): void {
    this.#child.stdin?.end();
  }
}
