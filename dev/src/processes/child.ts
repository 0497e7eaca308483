import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type Environment } from '../config.ts';
import { type Watchdog } from './watchdog.ts';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The command to run, and the file for its output. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly watchdog: Watchdog;
  /** The complete environment of the process: nothing is inherited. */
  readonly env: Environment;
  /** Called with the messages that the process sends over Node's IPC channel. */
  readonly onMessage?: (message: unknown) => void;
}

/**
 * A child process in a session of its own: Ctrl+C in the terminal reaches only the launcher, which then stops everything
 * in the right order. If the launcher is killed, the watchdog stops the child.
 */
export class Child {
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  #running = true;

  private constructor(child: ChildProcess, pid: number, watchdog: Watchdog) {
    this.#process = child;
    this.pid = pid;
    watchdog.watch(pid);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#running = false;
        watchdog.unwatch(pid);
        resolve({ code, signal });
      });
    });
  }

  /** Starts the process. Rejects if it cannot be run at all. */
  static async start(options: ChildOptions): Promise<Child> {
    const log = openSync(options.logFile, 'a', 0o600);
    try {
      const child = spawn(options.command, options.args, {
        stdio: options.onMessage ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
        detached: true,
        windowsHide: true,
        env: options.env,
      });
      if (options.onMessage) child.on('message', options.onMessage);
      const { pid } = child;
      if (pid === undefined) return await new Promise((_, reject) => child.once('error', reject));
      return new Child(child, pid, options.watchdog);
    } finally {
      closeSync(log);
    }
  }

  get running(): boolean {
    return this.#running;
  }

  /** Sends SIGTERM and waits for the end of the process; after `graceMs` milliseconds it is killed. */
  async stop(graceMs: number): Promise<Exit> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), graceMs);
    this.#process.kill('SIGTERM');
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  /** Kills the process. */
  kill(): Promise<Exit> {
    this.#process.kill('SIGKILL');
    return this.exited;
  }
}
