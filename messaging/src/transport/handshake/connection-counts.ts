/** Anything that emits `close` once. */
interface Closable {
  once(event: 'close', listener: () => void): unknown;
}

/** Counts open connections by a key: a user or an address. */
export class ConnectionCounts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Counts a connection until it emits `close`. */
  enter(key: string, connection: Closable): void {
    this.#counts.set(key, this.of(key) + 1);
    connection.once('close', () => {
      const left = this.of(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    });
  }
}
