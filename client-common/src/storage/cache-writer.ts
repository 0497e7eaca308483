import type { Conversation } from '../conversations/conversation.ts';
import type { Conversations } from '../conversations/conversations.ts';
import type { Cancel, Runtime } from '../runtime.ts';
import type { Cache } from './cache.ts';

/** Milliseconds that changes gather before the cache is written. */
const GATHER = 2_000;

export interface CacheWriterDeps {
  readonly runtime: Runtime;
  readonly cache: Cache;
  readonly conversations: () => Conversations;
}

/** Writes what changed into the cache, some time after it changed. */
export class CacheWriter {
  readonly #deps: CacheWriterDeps;
  readonly #changed = new Set<Conversation>();
  #timer: Cancel | null = null;

  constructor(deps: CacheWriterDeps) {
    this.#deps = deps;
  }

  changed(conversation: Conversation): void {
    this.#changed.add(conversation);
    this.#timer ??= this.#deps.runtime.delay(GATHER, () => {
      this.flush();
    });
  }

  /** Writes now. */
  flush(): void {
    this.#timer?.();
    this.#timer = null;
    if (this.#changed.size === 0) return;
    const { cache, conversations } = this.#deps;
    cache.keepList(conversations().items);
    for (const { id, state, timeline } of this.#changed) {
      const entries = timeline.newestEntries;
      if (state !== null && entries.length > 0) cache.keepEntries(id, entries);
    }
    this.#changed.clear();
  }

  /** Forgets what is not written yet. */
  clear(): void {
    this.#changed.clear();
    this.#timer?.();
    this.#timer = null;
  }
}
