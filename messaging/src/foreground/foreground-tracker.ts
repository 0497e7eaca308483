import { Periodic, RenewalRound, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';
import type { AppState } from '@parley/common/contract';

import { ACTIVE_FOR, type PresenceStore } from '../presence/store.ts';
import type { ForegroundUsers } from '../push/ports.ts';

/** A connection, and the app state that its client has reported. */
interface AppSocket {
  readonly data: { readonly caller: { readonly userId: string }; readonly appState?: AppState };
}

interface ForegroundTrackerDeps {
  /** The connections to this node. */
  readonly sockets: {
    ofUser(userId: string): readonly AppSocket[];
    userIds(): readonly string[];
  };
  /** Shares the state between nodes; absent if there is only one. */
  readonly store: PresenceStore | undefined;
  readonly periodicMetrics: PeriodicMetrics;
  readonly now: Now;
  readonly logger: Logger;
}

/** Milliseconds between two runs, each of which renews a share of the users; each user is renewed every minute. */
const RENEW_EVERY = SECOND;
/** Milliseconds for which changes are collected before they are written. */
const COLLECT = 50;

/** Tracks which users have the app in the foreground: those with a connection that has not reported the background. */
export class ForegroundTracker implements ForegroundUsers {
  readonly #deps: ForegroundTrackerDeps;
  readonly #changed = new Set<string>();
  readonly #renewing: Periodic;
  readonly #round: RenewalRound;
  #isRedisBack = false;
  #collecting: NodeJS.Timeout | undefined;

  constructor(deps: ForegroundTrackerDeps) {
    this.#deps = deps;
    this.#round = new RenewalRound(() => deps.sockets.userIds());
    this.#renewing = new Periodic({
      ...{ name: 'foreground_renewal', every: RENEW_EVERY, metrics: deps.periodicMetrics },
      run: () => this.#renew(),
      onFault: (error) => deps.logger.debug({ err: error }, 'Foreground users were not renewed'),
    });
  }

  start(): void {
    this.#renewing.start();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#collecting);
    await this.#renewing.stop();
  }

  attach({ data }: AppSocket): void {
    this.changed(data.caller.userId);
  }

  detach({ data }: AppSocket): void {
    this.changed(data.caller.userId);
  }

  /** A connection of a user was opened, was closed, or has reported another app state. */
  changed(userId: string): void {
    if (this.#deps.store === undefined) return;
    this.#changed.add(userId);
    this.#collecting ??= setTimeout(() => {
      this.#collecting = undefined;
      void this.#writeChanges();
    }, COLLECT).unref();
  }

  isInForegroundHere(userId: string): boolean {
    return this.#deps.sockets.ofUser(userId).some(({ data }) => data.appState !== 'background');
  }

  async inForeground(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    const here = new Set(userIds.filter((userId) => this.isInForegroundHere(userId)));
    const { logger, store } = this.#deps;
    const others = userIds.filter((userId) => !here.has(userId));
    if (store === undefined || others.length === 0) return here;
    try {
      const elsewhere = await store.activeAmong(others);
      return elsewhere === null ? null : new Set([...here, ...elsewhere]);
    } catch (error) {
      logger.debug({ err: error }, 'Foreground users of other nodes could not be read');
      return null;
    }
  }

  /** Marks all foreground users of this node at once, instead of within a minute: Redis may have lost them. */
  renew(): void {
    this.#isRedisBack = true;
    this.#renewing.wake();
  }

  async #renew(): Promise<void> {
    const { now, sockets, store } = this.#deps;
    const isRedisBack = this.#isRedisBack;
    this.#isRedisBack = false;
    const due = isRedisBack ? sockets.userIds() : this.#round.next();
    const userIds = due.filter((userId) => this.isInForegroundHere(userId));
    try {
      await store?.prolong(userIds, now() + ACTIVE_FOR);
    } catch (error) {
      this.#isRedisBack = isRedisBack;
      throw error;
    }
  }

  async #writeChanges(): Promise<void> {
    const { logger, now, store } = this.#deps;
    const changed = [...this.#changed];
    this.#changed.clear();
    const here = changed.filter((userId) => this.isInForegroundHere(userId));
    const background = changed.filter((userId) => !this.isInForegroundHere(userId));
    try {
      await Promise.all([
        store?.setActiveUntil(here, now() + ACTIVE_FOR),
        store?.setActiveUntil(background, now()),
      ]);
    } catch (error) {
      logger.debug({ err: error }, 'Foreground changes were not shared with other nodes');
    }
  }
}
