import { MINUTE, SECOND, type Now } from '@parley/common';

import type { Logger } from '../../logging/logger.ts';
import type { BlockPolicy } from './block-policy.ts';
import type { BlockReader } from './block-repository.ts';

interface BlockWatchDeps {
  readonly reader: Pick<BlockReader, 'changedSince'>;
  readonly policy: Pick<BlockPolicy, 'changed' | 'confirm'>;
  readonly now: Now;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  readonly logger: Logger;
}

const EVERY = 2 * SECOND;
/** Each look goes this far back: a change is dated before it is written, and a write may take an election. */
const OVERLAP = MINUTE;

/** Asks every 2 s which blocks have changed: the way that works without Redis. */
export class BlockWatch {
  readonly #deps: BlockWatchDeps;
  /** Changes that were told, and when they were. */
  readonly #told = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  /** When the last look that succeeded began. */
  #since: number;

  constructor(deps: BlockWatchDeps) {
    this.#deps = deps;
    this.#since = deps.now();
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), EVERY).unref();
    void this.look();
  }

  /** Resolves when the look under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks once, or joins the look under way. While none succeeds, the policy remembers nothing for long. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { logger, monotonic = () => performance.now(), now, policy, reader } = this.#deps;
    const moment = monotonic();
    const startedAt = now();
    const since = this.#since - OVERLAP;
    try {
      for (const { blockedId, changedAt, userId } of await reader.changedSince(since)) {
        const key = `${userId}:${blockedId}:${changedAt}`;
        if (this.#told.has(key)) continue;
        this.#told.set(key, changedAt);
        policy.changed([userId, blockedId]);
      }
      policy.confirm(moment);
      this.#since = startedAt;
    } catch (error) {
      logger.debug({ err: error }, 'Nobody can tell which blocks have changed');
    }
    for (const [key, changedAt] of this.#told) if (changedAt < since) this.#told.delete(key);
  }
}
