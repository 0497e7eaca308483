import type { Context } from '../context.ts';

const PREFIX = 'parley/';
const POINTER = 'parley/user';

/**
 * What one person's client keeps in the store of the platform. Nothing is kept before it is known who
 * the person is; a store that fails (full, forbidden) is as good as none.
 */
export class Vault {
  readonly #context: Pick<Context, 'runtime'>;
  #prefix: string | null = null;

  constructor(context: Pick<Context, 'runtime'>) {
    this.#context = context;
  }

  /** Who used this device last, if anybody. */
  lastUser(): Promise<string | null> {
    return this.#get(POINTER);
  }

  /** From now on it keeps what is this person's; what was somebody else's is removed. */
  async open(userId: string): Promise<void> {
    const prefix = `${PREFIX}${userId}/`;
    if (this.#prefix === prefix) return;
    this.#prefix = prefix;
    this.#put(POINTER, userId);
    for (const key of await this.#keys(PREFIX)) {
      if (key !== POINTER && !key.startsWith(prefix)) this.#put(key, null);
    }
  }

  async get(key: string): Promise<string | null> {
    return this.#prefix === null ? null : this.#get(this.#prefix + key);
  }

  /** Writes before it returns, where the store does (`null` removes). */
  put(key: string, value: string | null): void {
    if (this.#prefix !== null) this.#put(this.#prefix + key, value);
  }

  /** Keys that begin with `prefix`. */
  async keys(prefix: string): Promise<readonly string[]> {
    const own = this.#prefix;
    if (own === null) return [];
    return (await this.#keys(own + prefix)).map((key) => key.slice(own.length));
  }

  /** Removes what begins with `prefix`. */
  async clear(prefix: string): Promise<void> {
    for (const key of await this.keys(prefix)) this.put(key, null);
  }

  /** Removes everything, also who the person was. */
  async wipe(): Promise<void> {
    this.#prefix = null;
    for (const key of await this.#keys(PREFIX)) this.#put(key, null);
  }

  get #store() {
    return this.#context.runtime.platform.storage;
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
