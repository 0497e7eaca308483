import { spawn, type ChildProcess } from 'node:child_process';
import { type Environment } from '../config.ts';
import { systemEnvironment } from './child-environment.ts';

const GRACE_MS = 15_000;

/*
 * Plain JavaScript in a string, so that it starts in 40 ms without a loader. Its input ends when the process that
 * started it ends, however that happened; what was still watched then is told to stop, and after a grace time made to.
 */
const SCRIPT = `
const pids = new Set(), folders = new Set();
const send = (pid, signal) => { try { process.kill(pid, signal); return true; } catch { return false; } };
const orders = { watch: (v) => pids.add(v), forget: (v) => pids.delete(v), remove: (v) => folders.add(v), keep: (v) => folders.delete(v) };
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
 * A small process that outlives this one and ends what this one has started and could not end itself, because it was
 * killed. It keeps nothing alive: not this process, and not itself.
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

  /** The process `pid` is to end with this one. */
  watch(pid: number): void {
    this.#order('watch', pid);
  }

  /** The process `pid` has ended; its id may be somebody else's soon. */
  forget(pid: number): void {
    this.#order('forget', pid);
  }

  /** The folder is to be removed when this process ends without having called `keep`. */
  removeFolder(path: string): void {
    this.#order('remove', path);
  }

  /** The folder is no longer the watchdog's business. */
  keepFolder(path: string): void {
    this.#order('keep', path);
  }

  #order(order: string, value: number | string): void {
    this.#child.stdin?.write(`${JSON.stringify([order, value])}\n`);
  }

  /** Ends the watchdog; what is still watched is stopped by it. */
  close(): void {
    this.#child.stdin?.end();
  }
}
