import type { Connection } from '../core/connection.ts';
import type { Runtime } from '../core/runtime.ts';

/** An upload was paused, discarded or stopped: not a failure. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

export interface CancellableWaitsDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly connection: Pick<Connection, 'isOnline' | 'state'>;
}

/** The waits of one upload: each ends by itself, by `wakeAll`, or when the upload is cancelled. */
export class CancellableWaits {
  readonly #deps: CancellableWaitsDeps;
  readonly #waiting = new Set<() => void>();
  #isCancelled = false;

  constructor(deps: CancellableWaitsDeps) {
    this.#deps = deps;
  }

  /** Throws `Cancelled` after `cancel`. */
  check(): void {
    if (this.#isCancelled) throw new Cancelled();
  }

  /** Waits `ms` milliseconds, or until `wakeAll`. */
  async delay(ms: number): Promise<void> {
    await this.#until((done) => this.#deps.runtime.delay(ms, done));
  }

  /** Waits for a connection; calls `waiting` if there is none. */
  async online(waiting: () => void): Promise<void> {
    this.check();
    const { connection } = this.#deps;
    while (!connection.isOnline) {
      waiting();
      await this.#until((done) => connection.state.subscribe(done));
    }
  }

  /** Ends all waits. */
  wakeAll(): void {
    for (const done of [...this.#waiting]) done();
  }

  cancel(): void {
    this.#isCancelled = true;
    this.wakeAll();
  }

  async #until(begin: (done: () => void) => () => void): Promise<void> {
    this.check();
    await new Promise<void>((resolve) => {
      const done = () => {
        if (!this.#waiting.delete(done)) return;
        stop();
        resolve();
      };
      this.#waiting.add(done);
      const stop = begin(done);
    });
    this.check();
  }
}
