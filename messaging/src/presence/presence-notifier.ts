import { Periodic, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { Presence } from '@parley/common/contract';

import { inParallel } from '../conversations/in-parallel.ts';
import type { Contacts } from './contacts.ts';
import { hiddenPresence, type PresenceReader } from './presence-reader.ts';
import { hasChanged, type WatcherRegistry, type WatchingSocket } from './watcher-registry.ts';

interface PresenceNotifierDeps {
  readonly watchers: WatcherRegistry;
  readonly reader: PresenceReader;
  readonly contacts: Contacts;
  /** Exchanges the ids of users whose presence may have changed with the other nodes. */
  readonly cluster: {
    publish(userIds: readonly string[]): void;
    subscribe(listener: (userIds: readonly string[]) => void): void;
  };
  readonly periodicMetrics: PeriodicMetrics;
  readonly logger: Logger;
}

const COMPARE_EVERY = 15 * SECOND;
/** Users whose presence is read in one query. */
const BATCH = 500;
/** Users whose watchers are notified concurrently. */
const CONCURRENCY = 16;

/**
 * Notifies the watchers on this node of changed presences. A cluster event only says whose presence to read again. A
 * periodic comparison finds changes for which no event arrived: a node crashed, Redis was unavailable, or a privacy
 * setting changed.
 */
export class PresenceNotifier {
  readonly #deps: PresenceNotifierDeps;
  readonly #queued = new Set<string>();
  #isNotifying = false;
  #notifying: Promise<void> | undefined;
  readonly #comparing: Periodic;

  constructor(deps: PresenceNotifierDeps) {
    this.#deps = deps;
    this.#comparing = new Periodic({
      ...{ name: 'presence_comparison', every: COMPARE_EVERY, metrics: deps.periodicMetrics },
      run: () => {
        this.compare();
        return Promise.resolve();
      },
      onFault: (error) => deps.logger.warn({ err: error }, 'Presences were not compared'),
    });
  }

  start(): void {
    this.#deps.cluster.subscribe((userIds) => this.#enqueue(userIds));
    this.#comparing.start();
  }

  /** Stops the comparison and waits until the events in progress are sent. */
  async stop(): Promise<void> {
    await this.#comparing.stop();
    await this.#notifying;
  }

  /** Reports that the presence of these users may have changed. Every node then reads it again. */
  changed(userIds: readonly string[]): void {
    if (userIds.length === 0) return;
    this.#deps.cluster.publish(userIds);
    this.#enqueue(userIds);
  }

  /**
   * Returns the presence for the answer to a socket that begins to watch. If the other watchers were last sent
   * a different presence, returns that one, and all watchers receive the new presence as an event.
   */
  show(socket: WatchingSocket, presence: Presence): Presence {
    const { watchers } = this.#deps;
    const { userId } = presence;
    watchers.setVisible(socket, userId, true);
    const lastSent = watchers.lastSent(userId);
    if (lastSent === undefined) watchers.setLastSent(presence);
    else if (hasChanged(lastSent, presence)) {
      this.#enqueue([userId]);
      return lastSent;
    }
    return presence;
  }

  /** Sends each of two users what they may see of the other now. Called after a block or its removal. */
  async refreshPair(pair: readonly [string, string]): Promise<void> {
    for (const [userId, viewerId] of [pair, [pair[1], pair[0]] as const]) {
      const watching = this.#deps.watchers.socketsOf(userId);
      const sockets = watching.filter(({ data }) => data.caller.userId === viewerId);
      if (sockets.length === 0) continue;
      const contacts = await this.#deps.contacts.among(userId, [viewerId]);
      const [presence] = await this.#deps.reader.read(contacts.has(viewerId) ? [userId] : []);
      for (const socket of sockets) this.#sendOrHide(socket, userId, presence);
    }
  }

  /** Reads the presence of every user watched on this node. Runs every 15 s. */
  compare(): void {
    this.#enqueue(this.#deps.watchers.watchedUserIds());
  }

  #enqueue(userIds: readonly string[]): void {
    for (const userId of userIds) {
      if (this.#deps.watchers.isWatched(userId)) this.#queued.add(userId);
    }
    if (!this.#isNotifying) this.#notifying = this.#notifyQueued();
  }

  /** Reads one batch at a time, so that an older result is never sent after a newer one. */
  async #notifyQueued(): Promise<void> {
    this.#isNotifying = true;
    while (this.#queued.size > 0) {
      const userIds = [...this.#queued].slice(0, BATCH);
      for (const userId of userIds) this.#queued.delete(userId);
      try {
        const presences = await this.#deps.reader.read(userIds);
        await inParallel(presences, CONCURRENCY, (presence) => this.#notifyIfChanged(presence));
      } catch (error) {
        this.#deps.logger.warn({ err: error }, 'Watchers were not notified of presence changes');
      }
    }
    this.#isNotifying = false;
  }

  /** The first reading is sent as the answer to `presence:watch`; only later changes are sent as events. */
  async #notifyIfChanged(presence: Presence): Promise<void> {
    const { watchers } = this.#deps;
    const before = watchers.lastSent(presence.userId);
    watchers.setLastSent(presence);
    if (before === undefined || !hasChanged(before, presence)) return;
    try {
      await this.#notify(presence);
    } catch (error) {
      // The next comparison then finds the change again.
      watchers.setLastSent(before);
      throw error;
    }
  }

  /** Sends a presence to the watchers who are contacts now, and hides it from the others. */
  async #notify(presence: Presence): Promise<void> {
    const { contacts, watchers } = this.#deps;
    const sockets = watchers.socketsOf(presence.userId);
    const watching = [...new Set(sockets.map(({ data }) => data.caller.userId))];
    const allowed = await contacts.among(presence.userId, watching);
    for (const socket of sockets) {
      const isAllowed = allowed.has(socket.data.caller.userId);
      this.#sendOrHide(socket, presence.userId, isAllowed ? presence : undefined);
    }
  }

  /** Sends the presence. Without one, sends an event that hides it, but only to a socket that could see it before. */
  #sendOrHide(socket: WatchingSocket, userId: string, presence: Presence | undefined): void {
    const wasVisible = this.#deps.watchers.setVisible(socket, userId, presence !== undefined);
    if (presence !== undefined) socket.emit('presence', presence);
    else if (wasVisible) socket.emit('presence', hiddenPresence(userId));
  }
}
