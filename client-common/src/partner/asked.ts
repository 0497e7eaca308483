import type { AppError } from '@parley/common';

import type { Client } from '../client.ts';
import { Signal } from '../core/signal.ts';

/** A value of the server, and how it is come by. */
export interface AskedOptions<Value> {
  readonly client: Client;
  readonly compute: (previous: Value | undefined) => Value;
  /** Asks the server. Answers how to take what it said, or throws. */
  readonly ask: () => Promise<() => void>;
  /** It could not be asked for although there is a connection. */
  readonly failed: (error: AppError) => void;
  /** Listens for what changes it. Answers how to stop. */
  readonly listen?: () => () => void;
}

/**
 * Something that the server knows. While somebody watches, it is asked for after every `ready`; what is
 * asked while an answer is under way is asked again after it, and the first answer then does not count.
 */
export class Asked<Value> {
  readonly signal: Signal<Value>;
  readonly #options: AskedOptions<Value>;
  #stops: (() => void)[] = [];
  #asking: Promise<void> | null = null;
  #again = false;

  constructor(options: AskedOptions<Value>) {
    this.#options = options;
    this.signal = new Signal(options.compute, {
      watched: () => {
        this.#watch();
      },
      unwatched: () => {
        for (const stop of this.#stops.splice(0)) stop();
      },
    });
  }

  /** Resolves when the latest answer is taken, or there is none to be had. */
  ask(): Promise<void> {
    this.#again = true;
    this.#asking ??= this.#askUntilSettled().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  #watch(): void {
    const { client, listen } = this.#options;
    this.#stops.push(
      client.onEvent('ready', () => {
        void this.ask();
      }),
    );
    if (listen) this.#stops.push(listen());
    if (client.connection.get().status === 'online') void this.ask();
  }

  async #askUntilSettled(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#once();
    }
  }

  async #once(): Promise<void> {
    const { ask, client, failed } = this.#options;
    try {
      const take = await ask();
      if (this.#isLatest) take();
    } catch (thrown) {
      // Without connection the next one asks.
      if (this.#isLatest && client.connection.get().status === 'online') failed(thrown as AppError);
    }
    this.signal.invalidate();
  }

  /** Whether nothing has happened since that the answer may not know of. */
  get #isLatest(): boolean {
    return !this.#again;
  }
}
