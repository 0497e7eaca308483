import type { ConversationItem, Entry, PublicProfile } from '@parley/common/contract';

import type { UserStorage } from '../core/user-storage.ts';

const LIST = 'list';
const PROFILES = 'profiles';
const ENTRIES = 'entries/';
/** Conversations whose last page is kept, and the largest size of a page. */
const PAGES = 30;
const PAGE_ENTRIES = 50;
const PAGE_CHARACTERS = 64 * 1024;

type CacheStorage = Pick<UserStorage, 'clear' | 'get' | 'keys' | 'put'>;

/** Keeps what a user saw last, so that the next start shows it at once. */
export class Cache {
  readonly #storage: CacheStorage;
  readonly #pages = new Set<string>();

  constructor(storage: CacheStorage) {
    this.#storage = storage;
  }

  async list(): Promise<readonly ConversationItem[]> {
    const pages = await this.#storage.keys(ENTRIES);
    for (const key of pages) this.#pages.add(key.slice(ENTRIES.length));
    return parseList(await this.#storage.get(LIST)) as readonly ConversationItem[];
  }

  keepList(items: readonly ConversationItem[]): void {
    this.#storage.put(LIST, JSON.stringify(items));
  }

  async profiles(): Promise<readonly PublicProfile[]> {
    return parseList(await this.#storage.get(PROFILES)) as readonly PublicProfile[];
  }

  keepProfiles(profiles: readonly PublicProfile[]): void {
    this.#storage.put(PROFILES, JSON.stringify(profiles));
  }

  async entries(conversationId: string): Promise<readonly Entry[]> {
    return parseList(await this.#storage.get(ENTRIES + conversationId)) as readonly Entry[];
  }

  /** Keeps the newest entries of a conversation, and drops those of the one that was kept longest ago. */
  keepEntries(conversationId: string, entries: readonly Entry[]): void {
    let kept = entries.slice(-PAGE_ENTRIES);
    let text = JSON.stringify(kept);
    while (text.length > PAGE_CHARACTERS) {
      kept = kept.slice(Math.ceil(kept.length / 2));
      text = JSON.stringify(kept);
    }
    this.#pages.delete(conversationId);
    this.#pages.add(conversationId);
    this.#storage.put(ENTRIES + conversationId, text);
    for (const oldest of this.#pages) {
      if (this.#pages.size <= PAGES) break;
      this.dropEntries(oldest);
    }
  }

  dropEntries(conversationId: string): void {
    if (this.#pages.delete(conversationId)) this.#storage.put(ENTRIES + conversationId, null);
  }

  clear(): void {
    this.#pages.clear();
    void this.#storage.clear(LIST);
    void this.#storage.clear(PROFILES);
    void this.#storage.clear(ENTRIES);
  }
}

/** The list that was kept; empty if there is none or the text is something else. */
function parseList(text: string | null): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
