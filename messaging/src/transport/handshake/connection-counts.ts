/** Anything that emits `close` once. */
interface Closable {
  on(event: 'close', listener: () => void): unknown;
}

/** Counts the open connections of this node by a key: a user or an address. */
export class ConnectionCounts {
  readonly #counts = new Map<string, number>();
  readonly #listeners: ((key: string) => void)[] = [];

  /** Calls `listener` with each key whose count has changed. */
  subscribe(listener: (key: string) => void): void {
    this.#listeners.push(listener);
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  keys(): readonly string[] {
    return [...this.#counts.keys()];
  }

  /** Counts a connection until it emits `close`, or until the function is called that is returned. */
  enter(key: string, connection: Closable): () => void {
    this.#set(key, this.of(key) + 1);
    let isCounted = true;
    const leave = () => {
      if (isCounted) this.#set(key, this.of(key) - 1);
      isCounted = false;
    };
    // `once` would keep a function and an object more for each connection.
    connection.on('close', leave);
    return leave;
  }

  #set(key: string, count: number): void {
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
    for (const listener of this.#listeners) listener(key);
  }
}
