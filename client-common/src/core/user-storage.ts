import type { KeyValueStore } from './platform.ts';

const PREFIX = 'parley/';
const LAST_USER = 'parley/user';

/**
 * What one user's client keeps in the platform's store. Nothing is kept before the user is known. A
 * store that fails (full, forbidden) is treated as empty.
 */
export class UserStorage {
  readonly #store: KeyValueStore;
  #prefix: string | null = null;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** The user whose data the device holds, if any. */
  lastUser(): Promise<string | null> {
    return this.#get(LAST_USER);
  }

  /** Keeps the data of this user from now on and removes that of others. */
  async open(userId: string): Promise<void> {
    const prefix = `${PREFIX}${userId}/`;
    if (this.#prefix === prefix) return;
    this.#prefix = prefix;
    this.#put(LAST_USER, userId);
    for (const key of await this.#keys(PREFIX)) {
      if (key !== LAST_USER && !key.startsWith(prefix)) this.#put(key, null);
    }
  }

  async get(key: string): Promise<string | null> {
    return this.#prefix && this.#get(this.#prefix + key);
  }

  /** Writes a value, or removes it (`null`); before it returns if the store is synchronous. */
  put(key: string, value: string | null): void {
    if (this.#prefix) this.#put(this.#prefix + key, value);
  }

  /** The keys that begin with `prefix`. */
  async keys(prefix: string): Promise<readonly string[]> {
    const own = this.#prefix;
    if (!own) return [];
    return (await this.#keys(own + prefix)).map((key) => key.slice(own.length));
  }

  /** Removes the keys that begin with `prefix`. */
  async clear(prefix: string): Promise<void> {
    for (const key of await this.keys(prefix)) this.put(key, null);
  }

  /** Removes everything, also who the user was. */
  async wipe(): Promise<void> {
    this.#prefix = null;
    for (const key of await this.#keys(PREFIX)) this.#put(key, null);
  }

  #get(key: string): Promise<string | null> {
    return this.#store.get(key).catch(() => null);
  }

  #put(key: string, value: string | null): void {
    const store = this.#store;
    (value === null ? store.remove(key) : store.set(key, value)).catch(() => undefined);
  }

  async #keys(prefix: string): Promise<readonly string[]> {
    const keys = await this.#store.keys().catch(() => []);
    return keys.filter((key) => key.startsWith(prefix));
  }
}
