import type { Cancel, Runtime } from '../runtime.ts';

const PREFIX = 'parley/';
const POINTER = 'parley/user';
/** Milliseconds that writes of no urgency gather. */
const LATER = 1_000;

/**
 * What one person's client keeps in the store of the platform. Nothing is written before it is known
 * who the person is; a store that fails (full, forbidden) is as good as none.
 */
export class Vault {
  readonly #runtime: Runtime;
  readonly #pending = new Map<string, string | null>();
  #userId: string | null = null;
  #timer: Cancel | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Who used this device last, if anybody. */
  async lastUser(): Promise<string | null> {
    return this.#quiet(() => this.#store.get(POINTER), null);
  }

  /** From now on it keeps what is this person's, and what was somebody else's is removed. */
  async open(userId: string): Promise<void> {
    if (this.#userId === userId) return;
    this.#userId = userId;
    const foreign = (key: string) =>
      key.startsWith(PREFIX) && key !== POINTER && !key.startsWith(`${PREFIX}${userId}/`);
    const keys = await this.#quiet(() => this.#store.keys(), []);
    await Promise.all(keys.filter(foreign).map((key) => this.#write(key, null)));
    await this.#write(POINTER, userId);
    this.flush();
  }

  async get(key: string): Promise<string | null> {
    const full = this.#full(key);
    return full === null ? null : this.#quiet(() => this.#store.get(full), null);
  }

  /** Keys that begin with `prefix`. */
  async keys(prefix: string): Promise<readonly string[]> {
    const full = this.#full('');
    if (full === null) return [];
    const keys = await this.#quiet(() => this.#store.keys(), []);
    return keys.filter((key) => key.startsWith(full + prefix)).map((key) => key.slice(full.length));
  }

  /** Writes at once (`null` removes). */
  put(key: string, value: string | null): void {
    this.#pending.set(key, value);
    if (this.#userId !== null) this.#writePending(key, value);
  }

  /** Writes within a second, or when the app leaves the foreground. */
  putLater(key: string, value: string | null): void {
    this.#pending.set(key, value);
    this.#timer ??= this.#runtime.delay(LATER, () => {
      this.flush();
    });
  }

  flush(): void {
    this.#timer?.();
    this.#timer = null;
    if (this.#userId === null) return;
    for (const [key, value] of [...this.#pending]) this.#writePending(key, value);
  }

  /** Removes what is this person's and begins with `prefix`. */
  async clear(prefix: string): Promise<void> {
    for (const key of this.#pending.keys()) if (key.startsWith(prefix)) this.#pending.delete(key);
    const keys = await this.keys(prefix);
    await Promise.all(keys.map((key) => this.#write(this.#full(key) ?? '', null)));
  }

  /** Removes everything, also who the person was. */
  async wipe(): Promise<void> {
    await this.clear('');
    this.#userId = null;
    await this.#write(POINTER, null);
  }

  get #store() {
    return this.#runtime.platform.storage;
  }

  #full(key: string): string | null {
    return this.#userId === null ? null : `${PREFIX}${this.#userId}/${key}`;
  }

  #writePending(key: string, value: string | null): void {
    this.#pending.delete(key);
    void this.#write(this.#full(key) ?? '', value);
  }

  #write(key: string, value: string | null): Promise<void> {
    const { storage } = this.#runtime.platform;
    return this.#quiet(
      () => (value === null ? storage.remove(key) : storage.set(key, value)),
      undefined,
    );
  }

  async #quiet<T>(task: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await task();
    } catch {
      return otherwise;
    }
  }
}
