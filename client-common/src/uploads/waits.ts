import type { Context } from '../context.ts';

/** Says that something was ended from outside: no failure. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** The waits of one upload: each ends by itself, by a kick, or with the upload. */
export class Waits {
  readonly #context: Pick<Context, 'runtime' | 'connection'>;
  readonly #open = new Set<() => void>();
  #isEnded = false;

  constructor(context: Pick<Context, 'runtime' | 'connection'>) {
    this.#context = context;
  }

  /** Throws `Ended` once it is over. */
  check(): void {
    if (this.#isEnded) throw new Ended();
  }

  /** Waits `ms` milliseconds, less when it is kicked. */
  async for(ms: number): Promise<void> {
    await this.#until((done) => this.#context.runtime.delay(ms, done));
  }

  /** Waits until there is a connection; says so by `waiting` where there is none. */
  async online(waiting: () => void): Promise<void> {
    this.check();
    const { connection } = this.#context;
    while (!connection.isOnline) {
      waiting();
      await this.#until((done) => connection.state.subscribe(done));
    }
  }

  kick(): void {
    for (const done of [...this.#open]) done();
  }

  end(): void {
    this.#isEnded = true;
    this.kick();
  }

  async #until(begin: (done: () => void) => () => void): Promise<void> {
    this.check();
    await new Promise<void>((resolve) => {
      const done = () => {
        if (!this.#open.delete(done)) return;
        stop();
        resolve();
      };
      this.#open.add(done);
      const stop = begin(done);
    });
    this.check();
  }
}
