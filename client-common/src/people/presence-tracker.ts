import { CLIENT_LIMITS } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import { Emitter } from '../core/emitter.ts';
import type { Readable } from '../core/readable.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import { keepSame, Signal } from '../core/signal.ts';

/** Milliseconds for which changes of the watched users are collected. */
const GATHER = 50;

export interface PresenceTrackerDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly connection: Pick<Connection, 'emit' | 'events' | 'isOnline' | 'server'>;
  readonly requests: Pick<Requests, 'call'>;
}

export interface PresenceEvents {
  /** The id of a user whose known presence has changed. */
  readonly changed: string;
}

/** Who is online. The server is asked to watch a user while the presence has subscribers. */
export class PresenceTracker {
  readonly events = new Emitter<PresenceEvents>();
  readonly #deps: PresenceTrackerDeps;
  /** The users that the server watches for this connection. */
  readonly #watched = new Set<string>();
  readonly #known = new Map<string, Presence>();
  readonly #signals = new Map<string, Signal<Presence>>();
  #isScheduled = false;

  constructor(deps: PresenceTrackerDeps) {
    this.#deps = deps;
    const { server, events } = deps.connection;
    server.on('presence', (presence) => this.#receive(presence));
    server.on('ready', () => {
      this.#watched.clear();
      this.#isScheduled = false;
      this.#schedule();
    });
    events.on('lost', () => {
      for (const presence of this.#known.values()) this.#receive({ ...presence, online: null });
    });
  }

  /** What is known, whether or not the user is watched. */
  known(userId: string): Presence | null {
    return this.#known.get(userId) ?? null;
  }

  of(userId: string): Readable<Presence> {
    const existing = this.#signals.get(userId);
    if (existing) return existing;
    const adjust = () => this.#schedule();
    const signal = new Signal<Presence>(
      () => this.known(userId) ?? { userId, online: null, lastSeenAt: null },
      { watched: adjust, unwatched: adjust },
    );
    this.#signals.set(userId, signal);
    return signal;
  }

  /**
   * Watches a user again who looks offline. Users who do not know each other look offline to each other, and a message may
   * have changed that.
   */
  refresh(userId: string): void {
    if (!this.known(userId)?.online && this.#watched.delete(userId)) this.#schedule();
  }

  #receive(presence: Presence): void {
    const { userId } = presence;
    const before = this.#known.get(userId);
    const next = keepSame(before, presence);
    if (next === before) return;
    this.#known.set(userId, next);
    this.#signals.get(userId)?.invalidate();
    this.events.emit('changed', userId);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#deps.runtime.delay(GATHER, () => {
      this.#isScheduled = false;
      void this.#adjust();
    });
  }

  async #adjust(): Promise<void> {
    const { connection } = this.#deps;
    if (!connection.isOnline) return;
    const isWanted = (id: string) => this.#signals.get(id)?.isWatched === true;
    const gone = [...this.#watched].filter((id) => !isWanted(id));
    for (const id of gone) this.#watched.delete(id);
    const room = CLIENT_LIMITS.watchedPerSocket - this.#watched.size;
    const missing = [...this.#signals.keys()].filter(
      (id) => isWanted(id) && !this.#watched.has(id),
    );
    const fresh = missing.slice(0, room);
    for (const id of fresh) this.#watched.add(id);
    for (const userIds of chunks(gone)) connection.emit('presence:unwatch', { userIds });
    for (const userIds of chunks(fresh)) await this.#ask(userIds);
  }

  async #ask(userIds: string[]): Promise<void> {
    try {
      const { presences } = await this.#deps.requests.call('presence:watch', { userIds });
      for (const presence of presences) this.#receive(presence);
    } catch {
      for (const id of userIds) this.#watched.delete(id);
    }
  }
}

function chunks(ids: readonly string[]): string[][] {
  const rest = [...ids];
  const found: string[][] = [];
  while (rest.length > 0) found.push(rest.splice(0, CLIENT_LIMITS.watchedPerCall));
  return found;
}
