import type { PublicProfile } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Readable } from '../core/readable.ts';
import { keepSame, Signal } from '../core/signal.ts';

/** Loads the profile of a user who is in no list of members. */
export type LoadProfile = (userId: string) => Promise<PublicProfile>;

export interface ProfilesDeps {
  readonly connection: Pick<Connection, 'server'>;
  readonly loadProfile?: LoadProfile;
}

/** The profiles of all users that this client knows. */
export class Profiles {
  readonly #load: LoadProfile | undefined;
  readonly #known = new Map<string, PublicProfile>();
  readonly #signals = new Map<string, Signal<PublicProfile | null>>();
  readonly #asked = new Set<string>();

  constructor({ connection, loadProfile }: ProfilesDeps) {
    this.#load = loadProfile;
    connection.server.on('profile', (profile) => this.add([profile]));
  }

  /** Adds profiles, wherever they were seen. */
  add(profiles: readonly PublicProfile[]): void {
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
    if (!this.#load || this.#known.has(userId) || this.#asked.has(userId)) return;
    this.#asked.add(userId);
    try {
      this.add([await this.#load(userId)]);
    } catch {
      // The next subscription asks again.
      this.#asked.delete(userId);
    }
  }
}
