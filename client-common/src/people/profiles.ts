import type { PublicProfile } from '@parley/common/contract';

import type { Cache } from '../cache/cache.ts';
import type { Connection } from '../core/connection.ts';
import type { Readable } from '../core/readable.ts';
import { keepSame, Signal } from '../core/signal.ts';

/** Loads the profile of a user who is in no list of members. */
export type LoadProfile = (userId: string) => Promise<PublicProfile>;

export interface ProfilesDeps {
  readonly connection: Pick<Connection, 'server'>;
  readonly loadProfile?: LoadProfile;
  readonly cache: Pick<Cache, 'profiles'>;
}

/** The profiles of all users that this client knows. */
export class Profiles {
  readonly #load: LoadProfile | undefined;
  readonly #cache: Pick<Cache, 'profiles'>;
  readonly #known = new Map<string, PublicProfile>();
  readonly #signals = new Map<string, Signal<PublicProfile | null>>();
  readonly #asked = new Set<string>();
  /** Users whose profile the device kept, and who may have changed it since. */
  readonly #old = new Set<string>();
  #comparing: Promise<void> = Promise.resolve();

  constructor({ connection, cache, loadProfile }: ProfilesDeps) {
    this.#load = loadProfile;
    this.#cache = cache;
    connection.server.on('profile', (profile) => this.add([profile]));
    connection.server.on('ready', () => this.#askAgain());
  }

  /** Adds profiles, wherever they were seen. */
  add(profiles: readonly PublicProfile[]): void {
    for (const profile of profiles) {
      const before = this.#known.get(profile.id);
      // The last one seen is the last one of the map.
      this.#known.delete(profile.id);
      this.#known.set(profile.id, keepSame(before, profile));
      this.#old.delete(profile.id);
      this.#signals.get(profile.id)?.invalidate();
    }
  }

  /** Shows the names that the device kept, until newer ones are known. */
  async restore(): Promise<void> {
    for (const profile of await this.#cache.profiles()) {
      if (this.#known.has(profile.id)) continue;
      this.#known.set(profile.id, profile);
      this.#old.add(profile.id);
      this.#signals.get(profile.id)?.invalidate();
    }
  }

  /** The `count` profiles that were seen last. */
  newest(count: number): readonly PublicProfile[] {
    return [...this.#known.values()].slice(-count);
  }

  /** Another user uses the device, or nobody. */
  clear(): void {
    this.#known.clear();
    this.#old.clear();
    this.#asked.clear();
    for (const signal of this.#signals.values()) signal.invalidate();
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

  /** A name that is on the screen may not have been answered for want of a connection. */
  #askAgain(): void {
    for (const [userId, signal] of this.#signals) if (signal.isWatched) void this.#ask(userId);
  }

  async #ask(userId: string): Promise<void> {
    const isKnown = this.#known.has(userId) && !this.#old.has(userId);
    if (!this.#load || isKnown || this.#asked.has(userId)) return;
    this.#asked.add(userId);
    const load = this.#load;
    const ask = async () => {
      try {
        this.add([await load(userId)]);
      } catch {
        // The next connection or subscription asks again.
        this.#asked.delete(userId);
      }
    };
    // Names that are there already are compared one after the other.
    if (this.#old.has(userId)) this.#comparing = this.#comparing.then(ask);
    else await ask();
  }
}
