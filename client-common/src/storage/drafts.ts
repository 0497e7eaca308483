import type { Context } from '../context.ts';
import type { Vault } from './vault.ts';

const PREFIX = 'draft/';

/** Unsent texts, by conversation. */
export class Drafts {
  readonly #vault: Vault;
  readonly #texts = new Map<string, string>();

  constructor({ vault }: Pick<Context, 'vault'>) {
    this.#vault = vault;
  }

  /** Reads what is kept; what was written meanwhile is newer. */
  async load(): Promise<void> {
    const keys = await this.#vault.keys(PREFIX);
    for (const key of keys) {
      const text = await this.#vault.get(key);
      const conversationId = key.slice(PREFIX.length);
      if (text !== null && !this.#texts.has(conversationId)) this.#texts.set(conversationId, text);
    }
  }

  get(conversationId: string): string {
    return this.#texts.get(conversationId) ?? '';
  }

  set(conversationId: string, text: string): void {
    this.#texts.set(conversationId, text);
    this.#vault.put(PREFIX + conversationId, text === '' ? null : text);
  }

  clear(): void {
    this.#texts.clear();
  }
}
