import { OUTBOX_PREFIX } from '../outbox/outbox-storage.ts';
import { deserialize } from '../outbox/outgoing-message.ts';
import type { FileStore } from './file-store.ts';
import type { UploadFile, UploadsHost } from './types.ts';

export interface OutgoingFilesDeps {
  readonly store: FileStore;
  readonly storage: Pick<UploadsHost['storage'], 'get' | 'keys'>;
}

/** The files of outgoing messages, by `clientId`: in memory, and kept on the device if it has room. */
export class OutgoingFiles {
  readonly #store: FileStore;
  readonly #storage: OutgoingFilesDeps['storage'];
  readonly #files = new Map<string, UploadFile>();

  constructor({ storage, store }: OutgoingFilesDeps) {
    this.#storage = storage;
    this.#store = store;
  }

  add(clientId: string, file: UploadFile): void {
    this.#files.set(clientId, file);
    this.#store.put(clientId, file).catch(() => undefined);
  }

  /** `null` if it could not be kept over a restart. */
  async get(clientId: string): Promise<UploadFile | null> {
    return this.#files.get(clientId) ?? this.#store.get(clientId).catch(() => null);
  }

  remove(clientId: string): void {
    this.#files.delete(clientId);
    this.#store.remove(clientId).catch(() => undefined);
  }

  /** Removes files whose message is in no outbox of this device, also not of another tab. */
  async sweep(): Promise<void> {
    const keys = await this.#storage.keys(OUTBOX_PREFIX);
    const kept = await Promise.all(keys.map((key) => this.#storage.get(key)));
    const wanted = new Set(kept.map((text) => deserialize(text)?.clientId));
    await this.#removeWhere((clientId) => !wanted.has(clientId) && !this.#files.has(clientId));
  }

  /** Removes all files of this device. */
  async wipe(): Promise<void> {
    this.#files.clear();
    await this.#removeWhere(() => true);
  }

  async #removeWhere(isUnwanted: (clientId: string) => boolean): Promise<void> {
    try {
      const keys = await this.#store.keys();
      await Promise.all(keys.filter(isUnwanted).map((key) => this.#store.remove(key)));
    } catch {
      // The store cannot be read; the next connection tries again.
    }
  }
}
