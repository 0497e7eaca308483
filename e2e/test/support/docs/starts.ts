import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, type StackDescription, type WatchedProcess } from '@parley/dev';

/** The port of a start without `PORT`. */
export const DEFAULT_PORT = 8080;
const READY = /^Parley is ready at (http:\/\/127\.0\.0\.1:\d+)$/;

/** Parley as a reader of the documents has started it. */
export interface Running {
  readonly origin: string;
  readonly stack: StackDescription;
}

/** Where commands are typed. */
interface Shell {
  readonly path: string;
  type(command: string, env?: Readonly<Record<string, string>>): WatchedProcess;
  interrupt(typed: WatchedProcess): void;
}

/** The default port, unless something on this machine has it. */
export async function withoutPort(): Promise<Record<string, string>> {
  return (await isTaken(DEFAULT_PORT)) ? withPort() : {};
}

export async function withPort(): Promise<Record<string, string>> {
  return { PORT: String(await freePort()) };
}

/** Starts of Parley. One goes on while the next commands are typed, until Ctrl+C or until another is typed. */
export class Starts {
  readonly #shell: Shell;
  #current: (Running & { readonly command: string; readonly typed: WatchedProcess }) | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  /** Types a start and waits for its URL. */
  async type(command: string, env: Readonly<Record<string, string>>): Promise<Running> {
    await this.interrupt();
    const typed = this.#shell.type(command, env);
    const origin = READY.exec(await typed.line(READY))?.[1] ?? '';
    assert.equal(origin, `http://127.0.0.1:${env['PORT'] ?? DEFAULT_PORT}`);
    const described = await readFile(join(this.#shell.path, '.parley', 'stack.json'), 'utf8');
    const stack = JSON.parse(described) as StackDescription;
    this.#current = { command, typed, origin, stack };
    return this.#current;
  }

  /** What a start has begun that goes on, or begins now. */
  async during(command: string): Promise<Running> {
    return this.#current?.command === command
      ? this.#current
      : this.type(command, await withPort());
  }

  /** Presses Ctrl+C. @throws AssertionError unless the start ends with exit code 0 */
  async interrupt(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    this.#shell.interrupt(current.typed);
    assert.deepEqual(
      await current.typed.ended,
      { code: 0, signal: null },
      `${current.command}:\n${current.typed.output()}`,
    );
  }
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
