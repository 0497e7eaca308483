import type { ConversationItem, Entry, PublicProfile } from '@parley/common/contract';

import type { Emitter } from '../core/emitter.ts';
import type { Cancel, Runtime } from '../core/runtime.ts';
import type { Cache } from './cache.ts';

/** Milliseconds during which changes are collected. */
const GATHER = 2_000;
/** Conversations whose summary is kept, and users whose profile is. */
const SUMMARIES = 100;
const PROFILES = 300;

/** A conversation that is kept. */
export interface CachedConversation {
  readonly id: string;
  readonly state: object | null;
  readonly timeline: { readonly newest: readonly Entry[] };
}

export interface CacheWriterDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly cache: Pick<Cache, 'clear' | 'keepEntries' | 'keepList' | 'keepProfiles'>;
  readonly profiles: {
    /** The `count` profiles that were seen last. */
    newest(count: number): readonly PublicProfile[];
  };
  readonly conversations: {
    /** The first `count` conversations of the list. */
    items(count: number): readonly ConversationItem[];
    readonly events: Pick<Emitter<{ readonly changed: CachedConversation }>, 'on'>;
  };
}

/** Writes changed conversations into the cache, some time after the change. */
export class CacheWriter {
  readonly #deps: CacheWriterDeps;
  readonly #changed = new Set<CachedConversation>();
  #timer: Cancel | null = null;

  constructor(deps: CacheWriterDeps) {
    this.#deps = deps;
    deps.conversations.events.on('changed', (conversation) => {
      this.#changed.add(conversation);
      this.#timer ??= deps.runtime.delay(GATHER, () => this.flush());
    });
  }

  /** Writes now. */
  flush(): void {
    const { cache, conversations, profiles } = this.#deps;
    this.#timer?.();
    this.#timer = null;
    if (this.#changed.size === 0) return;
    cache.keepList(conversations.items(SUMMARIES));
    cache.keepProfiles(profiles.newest(PROFILES));
    for (const { id, state, timeline } of this.#changed) {
      const entries = timeline.newest;
      if (state && entries.length > 0) cache.keepEntries(id, entries);
    }
    this.#changed.clear();
  }

  /** Empties the cache, and forgets what is not written yet. */
  clear(): void {
    this.#changed.clear();
    this.#timer?.();
    this.#timer = null;
    this.#deps.cache.clear();
  }
}
