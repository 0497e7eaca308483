import type { PublicProfile } from '@parley/common/contract';

import type { Readable } from '../api/readable.ts';
import type { Context } from '../context.ts';
import { keepSame, Signal } from '../store/signal.ts';

/** The profiles of everybody this client has heard of. */
export class Profiles {
  readonly #context: Pick<Context, 'options'>;
  readonly #known = new Map<string, PublicProfile>();
  readonly #signals = new Map<string, Signal<PublicProfile | null>>();
  readonly #asked = new Set<string>();

  constructor(context: Pick<Context, 'options'>) {
    this.#context = context;
  }

  /** Takes profiles from wherever they were seen. */
  heard(profiles: readonly PublicProfile[]): void {
    for (const profile of profiles) {
      this.#known.set(profile.id, keepSame(this.#known.get(profile.id), profile));
      this.#signals.get(profile.id)?.invalidate();
    }
  }

  of(userId: string): Readable<PublicProfile | null> {
    const existing = this.#signals.get(userId);
    if (existing) return existing;
    const signal = new Signal<PublicProfile | null>(() => this.#known.get(userId) ?? null, {
      watched: () => void this.#ask(userId),
    });
    this.#signals.set(userId, signal);
    return signal;
  }

  async #ask(userId: string): Promise<void> {
    const { loadProfile } = this.#context.options;
    if (loadProfile === undefined || this.#known.has(userId) || this.#asked.has(userId)) return;
    this.#asked.add(userId);
    try {
      this.heard([await loadProfile(userId)]);
    } catch {
      // Whoever looks at this person next asks again.
      this.#asked.delete(userId);
    }
  }
}
