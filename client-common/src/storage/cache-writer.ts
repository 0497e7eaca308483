import type { Context } from '../context.ts';
import type { Conversation } from '../conversations/conversation.ts';
import type { Cancel } from '../runtime.ts';

/** Milliseconds that changes gather before the cache is written. */
const GATHER = 2_000;
/** Conversations whose summary is kept. */
const SUMMARIES = 100;

export type CacheWriterContext = Pick<Context, 'runtime' | 'cache' | 'conversations'>;

/** Writes what changed into the cache, some time after it changed. */
export class CacheWriter {
  readonly #context: CacheWriterContext;
  readonly #changed = new Set<Conversation>();
  #timer: Cancel | null = null;

  constructor(context: CacheWriterContext) {
    this.#context = context;
  }

  changed(conversation: Conversation): void {
    this.#changed.add(conversation);
    this.#timer ??= this.#context.runtime.delay(GATHER, () => this.flush());
  }

  /** Writes now. */
  flush(): void {
    this.#timer?.();
    this.#timer = null;
    if (this.#changed.size === 0) return;
    const { cache, conversations } = this.#context;
    cache.keepList(conversations.items(SUMMARIES));
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
