import { Emitter } from '../core/emitter.ts';
import type { UserStorage } from '../core/user-storage.ts';

const PREFIX = 'draft/';

type DraftStorage = Pick<UserStorage, 'get' | 'keys' | 'put' | 'watch'>;

/** Texts that are not sent yet, by conversation. Tabs share them: what was written last counts in all of them. */
export class Drafts {
  /** `changed`: another tab has written the draft of this conversation. */
  readonly events = new Emitter<{ readonly changed: string }>();
  readonly #storage: DraftStorage;
  readonly #texts = new Map<string, string>();

  constructor(storage: DraftStorage) {
    this.#storage = storage;
    storage.watch(PREFIX, (key, text) => {
      const conversationId = key.slice(PREFIX.length);
      this.#texts.set(conversationId, text ?? '');
      this.events.emit('changed', conversationId);
    });
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
