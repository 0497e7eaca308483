import type { UserStorage } from '../core/user-storage.ts';

const PREFIX = 'draft/';

/** Texts that are not sent yet, by conversation. */
export class Drafts {
  readonly #storage: Pick<UserStorage, 'get' | 'keys' | 'put'>;
  readonly #texts = new Map<string, string>();

  constructor(storage: Pick<UserStorage, 'get' | 'keys' | 'put'>) {
    this.#storage = storage;
  }

  /** Reads what the device kept; what was written in the meantime is newer. */
  async load(): Promise<void> {
    const keys = await this.#storage.keys(PREFIX);
    for (const key of keys) {
      const text = await this.#storage.get(key);
      const conversationId = key.slice(PREFIX.length);
      if (text !== null && !this.#texts.has(conversationId)) this.#texts.set(conversationId, text);
    }
  }

  get(conversationId: string): string {
    return this.#texts.get(conversationId) ?? '';
  }

  set(conversationId: string, text: string): void {
    this.#texts.set(conversationId, text);
    this.#storage.put(PREFIX + conversationId, text === '' ? null : text);
  }

  clear(): void {
    this.#texts.clear();
  }
}
