import type { Connection } from './connection.ts';
import type { Runtime } from './runtime.ts';

/** Milliseconds within which a living connection answers. */
const TIMEOUT = 4_000;

export interface ConnectionProbeDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly connection: Pick<Connection, 'emit' | 'events' | 'isOnline' | 'reconnect' | 'replace'>;
  readonly self: { readonly id: string };
}

/** Finds out whether a connection still works: a broken one may look open for minutes. */
export class ConnectionProbe {
  readonly #deps: ConnectionProbeDeps;
  #isRunning = false;

  constructor(deps: ConnectionProbeDeps) {
    this.#deps = deps;
  }

  /** Replaces the connection if it does not answer; connects now if the client waits to reconnect. */
  check(): void {
    const { runtime, connection, self } = this.#deps;
    connection.reconnect();
    if (!connection.isOnline || this.#isRunning) return;
    this.#isRunning = true;
    const done = (isAlive: boolean) => {
      stop();
      cancel();
      this.#isRunning = false;
      if (!isAlive) connection.replace();
    };
    // No answer comes over a connection that broke, and the next one must not pay for it.
    const stop = connection.events.on('lost', () => done(true));
    const cancel = runtime.delay(TIMEOUT, () => done(false));
    // The cheapest request: this user is never watched. A refusal also shows that the server is there.
    connection.emit('presence:unwatch', { userIds: [self.id] }, () => done(true));
  }
}
