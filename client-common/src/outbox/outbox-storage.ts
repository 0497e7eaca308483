import type { Platform, PlatformLock } from '../core/platform.ts';
import type { UserStorage } from '../core/user-storage.ts';
import { deserialize, type OutgoingMessage } from './outgoing-message.ts';

/** Prefix of the keys of outgoing messages. */
export const OUTBOX_PREFIX = 'outbox/';
/** All keys have ten digits, so that they sort in the order of the messages. */
const FIRST = 1_000_000_000;

export interface OutboxStorageDeps {
  readonly platform: Pick<Platform, 'lock'>;
  readonly storage: Pick<UserStorage, 'get' | 'keys' | 'put'>;
  /** The name under which this client keeps its messages. */
  readonly owner: string;
}

/**
 * Keeps the messages of the outbox on the device. Each client (each tab) writes under its own name and
 * holds a lock of that name; when the lock is free, its owner is gone, and another client takes over
 * what is left. A message that is sent by two clients is still stored once.
 */
export class OutboxStorage {
  readonly #deps: OutboxStorageDeps;
  readonly #keys = new Map<string, string>();
  #count = 0;
  readonly #locks = new Map<string, PlatformLock | undefined>();

  constructor(deps: OutboxStorageDeps) {
    this.#deps = deps;
  }

  /** Calls `done` with whether the device keeps the message. */
  save(message: OutgoingMessage, done: (isKept: boolean) => void): void {
    const { owner, storage } = this.#deps;
    const { clientId } = message;
    let key = this.#keys.get(clientId);
    if (!key) {
      this.#count += 1;
      key = `${OUTBOX_PREFIX}${owner}/${FIRST + this.#count}`;
      this.#keys.set(clientId, key);
    }
    storage.put(key, JSON.stringify(message), done);
  }

  remove(clientId: string): void {
    const key = this.#keys.get(clientId);
    this.#keys.delete(clientId);
    if (key) this.#deps.storage.put(key, null);
  }

  /**
   * Calls `adopt` with the messages that closed tabs and earlier runs left. Resolves when those whose
   * lock is free are taken over; the others follow when their owner ends.
   */
  async takeOver(
    userId: string,
    adopt: (messages: readonly OutgoingMessage[]) => void,
  ): Promise<void> {
    const { owner, platform, storage } = this.#deps;
    const keys = await storage.keys(OUTBOX_PREFIX);
    for (const name of new Set([owner, ...keys.map((key) => key.split('/')[1] ?? '')])) {
      if (this.#locks.has(name)) continue;
      const lock = platform.lock?.(`parley/${userId}/${OUTBOX_PREFIX}${name}`);
      this.#locks.set(name, lock);
      const take = async () => adopt(await this.#left(name));
      if (lock) void lock.held.then(take).catch(() => undefined);
      else await take();
    }
  }

  /** Releases all locks: another client may take over. */
  close(): void {
    for (const lock of this.#locks.values()) lock?.release();
    this.#locks.clear();
  }

  /** The messages under this name that are not known here, in their order. */
  async #left(name: string): Promise<readonly OutgoingMessage[]> {
    const { storage } = this.#deps;
    const keys = [...(await storage.keys(`${OUTBOX_PREFIX}${name}/`))].sort();
    const texts = await Promise.all(keys.map((key) => storage.get(key)));
    return keys.flatMap((key, index) => {
      const message = deserialize(texts[index] ?? null);
      if (!message) storage.put(key, null);
      if (!message || this.#keys.has(message.clientId)) return [];
      this.#keys.set(message.clientId, key);
      return message;
    });
  }
}
