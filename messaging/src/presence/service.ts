import { Periodic, RenewalRound, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import { AppError, LIMITS, MINUTE, SECOND, type Now } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import type { Contacts } from './contacts.ts';
import type { PresenceNotifier } from './presence-notifier.ts';
import { hiddenPresence, type PresenceReader } from './presence-reader.ts';
import type { PresenceRepository } from './repository.ts';
import { ACTIVE_FOR, type PresenceStore } from './store.ts';
import type { WatcherRegistry, WatchingSocket } from './watcher-registry.ts';

interface PresenceServiceDeps {
  /** Users connected to this node. */
  readonly connected: { has(userId: string): boolean; all(): readonly string[] };
  readonly store: PresenceStore;
  readonly repository: PresenceRepository;
  readonly reader: PresenceReader;
  readonly contacts: Contacts;
  readonly watchers: WatcherRegistry;
  readonly notifier: PresenceNotifier;
  /** Milliseconds from the end of a user's last connection until the user counts as offline. */
  readonly grace: number;
  readonly periodicMetrics: PeriodicMetrics;
  readonly now: Now;
  readonly logger: Logger;
}

/** Milliseconds between two runs, each of which renews a share of the users; each user is renewed every minute. */
const RENEW_EVERY = SECOND;
/** Runs within which it is recorded of each connected user when it was last seen: two minutes. */
const RECORD_RUNS = (2 * MINUTE) / RENEW_EVERY;
/** Milliseconds for which connects and disconnects are collected before they are written. */
const COLLECT = 50;

/** Records which users are online, and notifies their watchers of changes. */
export class PresenceService {
  readonly #deps: PresenceServiceDeps;
  readonly #changed = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #renewing: Periodic;
  readonly #round: RenewalRound;
  /** Runs so far. */
  #runs = 0;
  /** Users who are still to be recorded in these two minutes, and how many of them with each run. */
  #unrecorded: string[] = [];
  #share = 0;
  #isRedisBack = false;
  #collecting: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(deps: PresenceServiceDeps) {
    this.#deps = deps;
    this.#round = new RenewalRound(() => deps.connected.all());
    this.#renewing = new Periodic({
      ...{ name: 'presence_renewal', every: RENEW_EVERY, metrics: deps.periodicMetrics },
      run: () => this.#renew(),
      onFault: (error) => deps.logger.debug({ err: error }, 'Presence was not renewed'),
    });
  }

  start(): void {
    this.#renewing.start();
    this.#deps.notifier.start();
  }

  /** Records which users have disconnected, and stops. */
  async stop(): Promise<void> {
    await this.#renewing.stop();
    await this.#deps.notifier.stop();
    await this.#writing;
    await this.#writeChanges();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** A connection was opened. */
  attach({ data }: WatchingSocket): void {
    this.#connectionsChanged(data.caller.userId);
  }

  /** A connection has ended. */
  detach(socket: WatchingSocket): void {
    this.#deps.watchers.removeSocket(socket);
    this.#connectionsChanged(socket.data.caller.userId);
  }

  /**
   * Watches users and returns their presence. Users who are not contacts appear offline.
   * @param mayLookUp - see {@link Contacts.among}
   * @throws AppError `limit_reached` above 1,000 users per connection
   */
  async watch(
    socket: WatchingSocket,
    userIds: readonly string[],
    mayLookUp?: () => boolean,
  ): Promise<Presence[]> {
    const { contacts, notifier, reader, watchers } = this.#deps;
    if (watchers.countWith(socket, userIds) > LIMITS.watchedPerSocket) {
      throw new AppError(
        'limit_reached',
        `A connection can watch at most ${LIMITS.watchedPerSocket} users`,
      );
    }
    // Watch before reading, so that a change during the reading is sent as an event.
    watchers.watch(socket, userIds);
    const visible = await contacts.among(socket.data.caller.userId, userIds, mayLookUp);
    const presences = await reader.read([...visible], (userId) => watchers.lastSeen(userId));
    // The socket may have disconnected while this was read.
    if (!socket.connected) watchers.removeSocket(socket);
    const shown = presences.map((presence) => notifier.show(socket, presence));
    const byId = new Map(shown.map((presence) => [presence.userId, presence]));
    return userIds.map((userId) => byId.get(userId) ?? hiddenPresence(userId));
  }

  /** Stops watching users. */
  unwatch(socket: WatchingSocket, userIds: readonly string[]): void {
    this.#deps.watchers.unwatch(socket, userIds);
  }

  /** Marks all users of this node at once, instead of within a minute: Redis may have lost them. */
  renew(): void {
    this.#isRedisBack = true;
    this.#renewing.wake();
  }

  async #renew(): Promise<void> {
    const { connected, now, store } = this.#deps;
    const at = now();
    const isRedisBack = this.#isRedisBack;
    this.#isRedisBack = false;
    try {
      const due = isRedisBack ? connected.all() : this.#round.next();
      const present = due.filter((userId) => connected.has(userId));
      await store.prolong(present, at + ACTIVE_FOR);
    } catch (error) {
      this.#isRedisBack = isRedisBack;
      throw error;
    } finally {
      await this.#record(at);
    }
  }

  /** Records a share of the connected users, so that writing them does not occupy the node at once. */
  async #record(at: number): Promise<void> {
    const { connected, repository } = this.#deps;
    this.#runs += 1;
    if (this.#runs % RECORD_RUNS === 0) {
      this.#unrecorded = [...connected.all()];
      this.#share = Math.ceil(this.#unrecorded.length / RECORD_RUNS);
    }
    const due = this.#unrecorded.splice(-this.#share).filter((userId) => connected.has(userId));
    if (due.length > 0) await repository.raise(due, at);
  }

  #connectionsChanged(userId: string): void {
    this.#changed.add(userId);
    this.#collecting ??= setTimeout(() => {
      this.#writing = this.#writeChanges();
    }, COLLECT).unref();
  }

  /** Notifies of connected users at once, and of disconnected ones after the grace period, unless they are back. */
  async #writeChanges(): Promise<void> {
    clearTimeout(this.#collecting);
    this.#collecting = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    const { connected, logger, notifier, repository, store } = this.#deps;
    const { grace, now } = this.#deps;
    const online = changed.filter((userId) => connected.has(userId));
    const offline = changed.filter((userId) => !connected.has(userId));
    const at = now();
    const results = await Promise.allSettled([
      store.setActiveUntil(online, at + ACTIVE_FOR),
      store.setActiveUntil(offline, at + grace),
      repository.raise(offline, at),
    ]);
    for (const result of results) {
      if (result.status === 'rejected')
        logger.debug({ err: result.reason as unknown }, 'Presence was not recorded');
    }
    notifier.changed(online);
    this.#after(grace, () => {
      notifier.changed(offline.filter((userId) => !connected.has(userId)));
    });
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
      // A timer may fire up to a millisecond early.
    }, ms + 2).unref();
    this.#timers.add(timer);
  }
}
