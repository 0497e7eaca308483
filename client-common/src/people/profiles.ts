import type { PublicProfile } from '@parley/common/contract';

import type { Readable } from '../api/readable.ts';
import { keepSame, Signal } from '../store/signal.ts';

type Load = (userId: string) => Promise<PublicProfile>;

/** The profiles of everybody this client has heard of. */
export class Profiles {
  readonly #load: Load | undefined;
  readonly #known = new Map<string, PublicProfile>();
  readonly #signals = new Map<string, Signal<PublicProfile | null>>();
  readonly #asked = new Set<string>();

  constructor(load: Load | undefined) {
    this.#load = load;
  }

  /** Takes a profile from wherever it was seen. */
  heard(profile: PublicProfile): void {
    const before = this.#known.get(profile.id);
    const next = keepSame(before, profile);
    if (next === before) return;
    this.#known.set(profile.id, next);
    this.#signals.get(profile.id)?.invalidate();
  }

  of(userId: string): Readable<PublicProfile | null> {
    const existing = this.#signals.get(userId);
    if (existing) return existing;
    const signal = new Signal<PublicProfile | null>(() => this.#known.get(userId) ?? null, {
      watched: () => {
        void this.#ask(userId);
      },
    });
    this.#signals.set(userId, signal);
    return signal;
  }

  async #ask(userId: string): Promise<void> {
    if (this.#load === undefined || this.#known.has(userId) || this.#asked.has(userId)) return;
    this.#asked.add(userId);
    try {
      this.heard(await this.#load(userId));
    } catch {
      // Whoever looks at this person next asks again.
      this.#asked.delete(userId);
    }
  }
}
