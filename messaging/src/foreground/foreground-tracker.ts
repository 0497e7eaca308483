import type { Logger } from '@parley/backend-common';
import { SECOND, type Now } from '@parley/common';
import type { AppState } from '@parley/common/contract';

import type { PresenceStore } from '../presence/store.ts';
import type { Lookers } from '../push/ports.ts';

/** A connection, and what its client said of itself. */
interface LookedAt {
  readonly data: { readonly caller: { readonly userId: string }; readonly appState?: AppState };
}

interface ForegroundDeps {
  /** Connections of people to this node. */
  readonly sockets: {
    ofUser(userId: string): readonly LookedAt[];
    userIds(): readonly string[];
  };
  /** Where several nodes say who looks; absent where there is one. */
  readonly store: PresenceStore | undefined;
  readonly now: Now;
  readonly logger: Logger;
}

const LIFE = 30 * SECOND;
const RENEW_EVERY = 10 * SECOND;
const GATHER = 50;

/** Knows who looks at the app: somebody with a connection that has not said that it is in the background. */
export class Foreground implements Lookers {
  readonly #deps: ForegroundDeps;
  readonly #moved = new Set<string>();
  #gathering: NodeJS.Timeout | undefined;
  #renewing: NodeJS.Timeout | undefined;

  constructor(deps: ForegroundDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#renewing = setInterval(() => void this.renew(), RENEW_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#renewing);
    clearTimeout(this.#gathering);
  }

  attach({ data }: LookedAt): void {
    this.changed(data.caller.userId);
  }

  detach({ data }: LookedAt): void {
    this.changed(data.caller.userId);
  }

  /** A connection of a person came, went, or said something of itself. */
  changed(userId: string): void {
    if (this.#deps.store === undefined) return;
    this.#moved.add(userId);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.#tell();
    }, GATHER).unref();
  }

  isLookingHere(userId: string): boolean {
    return this.#deps.sockets.ofUser(userId).some(({ data }) => data.appState !== 'background');
  }

  async looking(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    const here = new Set(userIds.filter((userId) => this.isLookingHere(userId)));
    const { logger, store } = this.#deps;
    const others = userIds.filter((userId) => !here.has(userId));
    if (store === undefined || others.length === 0) return here;
    try {
      const elsewhere = await store.activeAmong(others);
      return elsewhere === null ? null : new Set([...here, ...elsewhere]);
    } catch (error) {
      logger.debug({ err: error }, 'Nobody can tell who looks');
      return null;
    }
  }

  /** Says again who looks here. Runs every 10 s, and when Redis is back. */
  async renew(): Promise<void> {
    const { now, sockets } = this.#deps;
    await this.#keep(
      sockets.userIds().filter((userId) => this.isLookingHere(userId)),
      now() + LIFE,
    );
  }

  async #tell(): Promise<void> {
    const { now } = this.#deps;
    const moved = [...this.#moved];
    this.#moved.clear();
    const here = moved.filter((userId) => this.isLookingHere(userId));
    const gone = moved.filter((userId) => !this.isLookingHere(userId));
    await Promise.all([this.#keep(here, now() + LIFE), this.#keep(gone, now())]);
  }

  async #keep(userIds: readonly string[], until: number): Promise<void> {
    try {
      await this.#deps.store?.setActiveUntil(userIds, until);
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'Others were not told who looks');
    }
  }
}
