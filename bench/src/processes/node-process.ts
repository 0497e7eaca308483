import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { pinned, yielding } from './cores.ts';

/** One of our scripts to run as a process. */
export interface NodeProcessOptions {
  /** The source of the script, in this package. */
  readonly script: URL;
  readonly core: number | undefined;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it runs with the lowest priority. */
  readonly yields?: boolean;
}

const PACKAGE = new URL('../../', import.meta.url);
const GRACE_MS = 20_000;

/** A Node process that talks over IPC and ends with this one. */
export class NodeProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  readonly #logFile: string;
  #last: unknown;

  private constructor(child: ChildProcess, pid: number, logFile: string) {
    this.#child = child;
    this.pid = pid;
    this.#logFile = logFile;
    child.on('message', (message) => (this.#last = message));
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(String(signal ?? code)));
    });
  }

  /** Starts the script as it was built. Rejects if it cannot be run at all. */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    const node = [process.execPath, ...(options.nodeArgs ?? [])];
    const script = [fileURLToPath(builtFrom(options.script)), ...(options.args ?? [])];
    const command = pinned(options.core, [...node, ...script]);
    const line = options.yields === true ? yielding(command) : command;
    const log = openSync(options.logFile, 'a', 0o600);
    try {
      const child = spawn(line[0] ?? '', line.slice(1), {
        cwd: fileURLToPath(PACKAGE),
        env: { ...process.env, ...options.env },
        stdio: ['ignore', log, log, 'ipc'],
      });
      const { pid } = child;
      if (pid === undefined) return await new Promise((_, reject) => child.once('error', reject));
      return new NodeProcess(child, pid, options.logFile);
    } finally {
      closeSync(log);
    }
  }

  send(message: object): void {
    this.#child.send(message);
  }

  /** The last message of the process; `undefined` if there was none. */
  get last(): unknown {
    return this.#last;
  }

  /** The next message of the process. Rejects if it ends or `timeoutMs` pass without one. */
  async next(timeoutMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const message = new Promise((resolve) => this.#child.once('message', resolve));
    const end = this.#exited.then((how) => {
      throw new Error(`The process ended (${how}); see ${this.#logFile}`);
    });
    const late = new Promise((_, reject) => {
      const fail = (): void =>
        reject(new Error(`The process sent no message within ${timeoutMs} ms`));
      timer = setTimeout(fail, timeoutMs);
    });
    try {
      return await Promise.race([message, end, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the process to end, and kills it if it does not. Returns its exit code, or the signal that ended it. */
  async stop(): Promise<string> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    this.#child.kill('SIGTERM');
    const how = await this.#exited;
    clearTimeout(timer);
    return how;
  }
}

/** The compiled JavaScript of a script. Deployed services run compiled code too; a loader of sources would be slower. */
function builtFrom({ href }: URL): URL {
  return new URL(href.replace('/bench/src/', '/bench/dist/').replace(/\.ts$/, '.js'));
}
