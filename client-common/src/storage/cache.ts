import type { ConversationItem, Entry } from '@parley/common/contract';

import type { Context } from '../context.ts';
import type { Vault } from './vault.ts';

const LIST = 'list';
const ENTRIES = 'entries/';
/** Conversations of which the last page is kept, and its largest size. */
const PAGES = 30;
const PAGE_ENTRIES = 50;
const PAGE_CHARACTERS = 64 * 1024;

/** Keeps what a person saw last, so that the next start paints at once. */
export class Cache {
  readonly #vault: Vault;
  readonly #pages = new Set<string>();

  constructor({ vault }: Pick<Context, 'vault'>) {
    this.#vault = vault;
  }

  async list(): Promise<readonly ConversationItem[]> {
    const pages = await this.#vault.keys(ENTRIES);
    for (const key of pages) this.#pages.add(key.slice(ENTRIES.length));
    return parse(await this.#vault.get(LIST)) as readonly ConversationItem[];
  }

  keepList(items: readonly ConversationItem[]): void {
    this.#vault.put(LIST, JSON.stringify(items));
  }

  async entries(conversationId: string): Promise<readonly Entry[]> {
    return parse(await this.#vault.get(ENTRIES + conversationId)) as readonly Entry[];
  }

  /** Keeps the newest entries of a conversation, and drops those of the one kept longest ago. */
  keepEntries(conversationId: string, entries: readonly Entry[]): void {
    let kept = entries.slice(-PAGE_ENTRIES);
    let text = JSON.stringify(kept);
    while (text.length > PAGE_CHARACTERS) {
      kept = kept.slice(Math.ceil(kept.length / 2));
      text = JSON.stringify(kept);
    }
    this.#pages.delete(conversationId);
    this.#pages.add(conversationId);
    this.#vault.put(ENTRIES + conversationId, text);
    for (const oldest of this.#pages) {
      if (this.#pages.size <= PAGES) break;
      this.dropEntries(oldest);
    }
  }

  dropEntries(conversationId: string): void {
    if (this.#pages.delete(conversationId)) this.#vault.put(ENTRIES + conversationId, null);
  }

  async clear(): Promise<void> {
    this.#pages.clear();
    await Promise.all([this.#vault.clear(LIST), this.#vault.clear(ENTRIES)]);
  }
}

/** A list as it was kept; empty where there is none, or something else. */
function parse(text: string | null): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
