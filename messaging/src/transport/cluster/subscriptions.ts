import type { Redis } from '@parley/backend-common';

type Command = 'psubscribe' | 'subscribe';

/**
 * The subscriptions of one client. They are repeated on each new connection. A connection that cannot get all of them
 * is replaced.
 */
export class Subscriptions {
  readonly #redis: Redis;
  readonly #wanted: { readonly command: Command; readonly channels: readonly string[] }[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('ready', () => void this.#subscribeAll());
  }

  /** Calls `listener` when a new connection has all subscriptions. */
  onComplete(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Subscribes to channels: immediately if the client is connected, and on each new connection. */
  add(command: Command, channels: readonly string[]): void {
    this.#wanted.push({ command, channels });
    if (this.#redis.status === 'ready') void this.#subscribeAll();
  }

  async #subscribeAll(): Promise<void> {
    const redis = this.#redis;
    try {
      await Promise.all(this.#wanted.map(({ channels, command }) => redis[command](...channels)));
    } catch {
      // If the connection has ended, the client opens another one by itself.
      if (redis.status === 'ready') redis.disconnect(true);
      return;
    }
    for (const listener of this.#listeners) listener();
  }
}
