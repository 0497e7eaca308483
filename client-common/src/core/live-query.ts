import type { AppError } from '@parley/common';
import type { EventPayload } from '@parley/common/contract';

import type { ConnectionState } from './connection-state.ts';
import type { Readable } from './readable.ts';
import { Signal } from './signal.ts';

/** The part of a client that a query follows. */
export interface LiveQueryClient {
  readonly connection: Readable<ConnectionState>;
  readonly onEvent: (
    name: 'ready',
    listener: (payload: EventPayload<'ready'>) => void,
  ) => () => void;
}

/** A value that the server knows, and how to get it. */
export interface LiveQueryOptions<Value> {
  readonly client: LiveQueryClient;
  readonly compute: (previous: Value | undefined) => Value;
  /** Asks the server. Returns a function that stores the answer, or throws. */
  readonly ask: () => Promise<() => void>;
  /** Called if the server refused although there is a connection. */
  readonly failed: (error: AppError) => void;
  /** Subscribes to the events that change the value. Returns the function that unsubscribes. */
  readonly listen?: () => () => void;
}

/**
 * A value of the server that is kept up to date while it is watched: it is asked for after every `ready`.
 * A request during another one repeats it, and the answer of the first is dropped.
 */
export class LiveQuery<Value> {
  readonly signal: Signal<Value>;
  readonly #options: LiveQueryOptions<Value>;
  #stops: (() => void)[] = [];
  #running: Promise<void> | null = null;
  #isRepeated = false;

  constructor(options: LiveQueryOptions<Value>) {
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

  /** Resolves when the latest answer is stored, or there is none. */
  refresh(): Promise<void> {
    this.#isRepeated = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  #watch(): void {
    const { client, listen } = this.#options;
    this.#stops.push(
      client.onEvent('ready', () => {
        void this.refresh();
      }),
    );
    if (listen) this.#stops.push(listen());
    if (client.connection.get().status === 'online') void this.refresh();
  }

  async #run(): Promise<void> {
    while (this.#isRepeated) {
      this.#isRepeated = false;
      await this.#once();
    }
  }

  async #once(): Promise<void> {
    const { ask, client, failed } = this.#options;
    try {
      const store = await ask();
      if (this.#isLatest) store();
    } catch (thrown) {
      // Without a connection, the next one asks again.
      if (this.#isLatest && client.connection.get().status === 'online') failed(thrown as AppError);
    }
    this.signal.invalidate();
  }

  /** Whether nothing has happened since that the answer may not know. */
  get #isLatest(): boolean {
    return !this.#isRepeated;
  }
}
