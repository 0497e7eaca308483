import type { Logger } from '@parley/backend-common';
import { AppError, LIMITS, MINUTE, SECOND, type Now } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import type { Acquaintances } from './acquaintances.ts';
import type { Announcer } from './announcer.ts';
import { hiddenPresence, type PresenceReader } from './presence-reader.ts';
import type { PresenceRepository } from './repository.ts';
import type { PresenceStore } from './store.ts';
import type { WatchingSocket, Watchers } from './watchers.ts';

interface PresenceServiceDeps {
  /** People connected to this node. */
  readonly here: { has(userId: string): boolean; all(): readonly string[] };
  readonly store: PresenceStore;
  readonly repository: PresenceRepository;
  readonly reader: PresenceReader;
  readonly acquaintances: Acquaintances;
  readonly watchers: Watchers;
  readonly announcer: Announcer;
  /** Milliseconds until somebody without a connection counts as away. */
  readonly grace: number;
  readonly now: Now;
  readonly logger: Logger;
}

/** A node that dies is forgotten after this time. */
const LIFE = 30 * SECOND;
const RENEW_EVERY = 10 * SECOND;
const RECORD_EVERY = 2 * MINUTE;
/** Comings and goings within this time are handled together. */
const GATHER = 50;

/** Knows who is there, and says who comes and goes. */
export class PresenceService {
  readonly #deps: PresenceServiceDeps;
  readonly #moved = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #gathering: NodeJS.Timeout | undefined;
  #renewing: NodeJS.Timeout | undefined;
  #settling: Promise<void> | undefined;
  #recorded = 0;

  constructor(deps: PresenceServiceDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#recorded = this.#deps.now();
    this.#renewing = setInterval(() => void this.renew(), RENEW_EVERY).unref();
    this.#deps.announcer.start();
  }

  /** Records who has left, and stops. */
  async stop(): Promise<void> {
    clearInterval(this.#renewing);
    this.#deps.announcer.stop();
    await this.#settling;
    await this.#settle();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** A connection was opened. */
  attach({ data }: WatchingSocket): void {
    this.#noteMoved(data.caller.userId);
  }

  /** A connection has ended. */
  detach(socket: WatchingSocket): void {
    this.#deps.watchers.forget(socket);
    this.#noteMoved(socket.data.caller.userId);
  }

  /**
   * Follows people and answers how they look now; strangers look offline.
   * @throws AppError `limit_reached` above 1,000 people a connection
   */
  async watch(socket: WatchingSocket, userIds: readonly string[]): Promise<Presence[]> {
    const { acquaintances, reader, watchers } = this.#deps;
    if (watchers.countWith(socket, userIds) > LIMITS.watchedPerSocket) {
      throw new AppError('limit_reached', `At most ${LIMITS.watchedPerSocket} people`);
    }
    // First, so that what changes while this is read is told.
    watchers.add(socket, userIds);
    const known = await acquaintances.among(socket.data.caller.userId, userIds);
    const presences = await reader.read([...known]);
    if (!socket.connected) watchers.forget(socket);
    const shown = presences.map((presence) => this.#deps.announcer.show(socket, presence));
    const byId = new Map(shown.map((presence) => [presence.userId, presence]));
    return userIds.map((userId) => byId.get(userId) ?? hiddenPresence(userId));
  }

  /** Stops following people. */
  unwatch(socket: WatchingSocket, userIds: readonly string[]): void {
    this.#deps.watchers.remove(socket, userIds);
  }

  /** Says again who is connected here. Runs every 10 s, and when Redis is back. */
  async renew(): Promise<void> {
    const { here, logger, now, repository, store } = this.#deps;
    const at = now();
    const userIds = here.all();
    try {
      await store.keep(userIds, at + LIFE);
      if (at - this.#recorded < RECORD_EVERY) return;
      this.#recorded = at;
      await repository.raise(userIds, at);
    } catch (error) {
      logger.debug({ err: error }, 'Presence could not be renewed');
    }
  }

  #noteMoved(userId: string): void {
    this.#moved.add(userId);
    this.#gathering ??= setTimeout(() => {
      this.#settling = this.#settle();
    }, GATHER).unref();
  }

  /** Says who has come; and of whoever has left, that it may soon be so. */
  async #settle(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const moved = [...this.#moved];
    this.#moved.clear();
    const { announcer, here, logger, repository, store } = this.#deps;
    const { grace, now } = this.#deps;
    const come = moved.filter((userId) => here.has(userId));
    const gone = moved.filter((userId) => !here.has(userId));
    const at = now();
    const results = await Promise.allSettled([
      store.keep(come, at + LIFE),
      store.keep(gone, at + grace),
      repository.raise(gone, at),
    ]);
    for (const result of results) {
      if (result.status === 'rejected')
        logger.debug({ err: result.reason as unknown }, 'Presence was not recorded');
    }
    announcer.changed(come);
    this.#later(grace, () => announcer.changed(gone.filter((userId) => !here.has(userId))));
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
      // A timer may be early by a millisecond.
    }, ms + 2).unref();
    this.#timers.add(timer);
  }
}
