import type { KeyValueStore } from './platform.ts';
import { Signal } from './signal.ts';

const PREFIX = 'parley/';
const LAST_USER = 'parley/user';
/** Keys of what the user wrote; everything else comes from the server again. */
const WRITTEN = /^(?:draft|outbox)\//;

/**
 * What one user's client keeps in the platform's store. What is written before the user is known waits
 * until then. A store that fails (full, forbidden) is treated as empty.
 */
export class UserStorage {
  /** Whether something that the user wrote found no room. */
  readonly isLosing = new Signal(() => this.#lost.size > 0);
  readonly #store: KeyValueStore;
  readonly #lost = new Set<string>();
  #prefix: string | null = null;
  /** Writes that wait for the user. */
  #early: (() => void)[] = [];

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
    this.#forget();
    this.#put(LAST_USER, userId);
    for (const write of this.#early.splice(0)) write();
    for (const key of await this.#keys(PREFIX)) {
      if (key !== LAST_USER && !key.startsWith(prefix)) this.#put(key, null);
    }
  }

  async get(key: string): Promise<string | null> {
    return this.#prefix && this.#get(this.#prefix + key);
  }

  /** Writes a value, or removes it (`null`). Calls `done` with whether the store has done so. */
  put(key: string, value: string | null, done?: (isKept: boolean) => void): void {
    const written = (isKept: boolean) => {
      if (WRITTEN.test(key)) this.#note(key, isKept || value === null);
      done?.(isKept);
    };
    if (this.#prefix) this.#put(this.#prefix + key, value, written);
    else this.#early.push(() => this.put(key, value, done));
  }

  /** The keys that begin with `prefix`. */
  async keys(prefix: string): Promise<readonly string[]> {
    const own = this.#prefix;
    if (!own) return [];
    return (await this.#keys(own + prefix)).map((key) => key.slice(own.length));
  }

  /** Calls `listener` when another tab has changed a key of this user that begins with `prefix`. */
  watch(prefix: string, listener: (key: string, value: string | null) => void): void {
    this.#store.onChange?.((key, value) => {
      const own = this.#prefix;
      if (own && key.startsWith(own + prefix)) listener(key.slice(own.length), value);
    });
  }

  /** Removes the keys that begin with `prefix`. */
  async clear(prefix: string): Promise<void> {
    for (const key of await this.keys(prefix)) this.put(key, null);
  }

  /** Removes everything, also who the user was. */
  async wipe(): Promise<void> {
    this.#prefix = null;
    this.#early = [];
    this.#forget();
    for (const key of await this.#keys(PREFIX)) this.#put(key, null);
  }

  #note(key: string, isKept: boolean): void {
    if (isKept) this.#lost.delete(key);
    else this.#lost.add(key);
    this.isLosing.invalidate();
  }

  #forget(): void {
    this.#lost.clear();
    this.isLosing.invalidate();
  }

  #get(key: string): Promise<string | null> {
    return this.#store.get(key).catch(() => null);
  }

  #put(key: string, value: string | null, done?: (isKept: boolean) => void): void {
    const store = this.#store;
    const written = value === null ? store.remove(key) : store.set(key, value);
    if (store.isSynchronous) done?.(true);
    written.then(
      () => done?.(true),
      () => done?.(false),
    );
  }

  async #keys(prefix: string): Promise<readonly string[]> {
    const keys = await this.#store.keys().catch(() => []);
    return keys.filter((key) => key.startsWith(prefix));
  }
}
