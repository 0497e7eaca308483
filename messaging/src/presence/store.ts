import type { Redis } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';

import { presenceKey } from '../transport/rooms/names.ts';

/** Who is there. Each node says so for the people connected to it, and says it again before the time is over. */
export interface PresenceStore {
  /** Counts people as there until `until` (milliseconds since the epoch), as far as this node is concerned. */
  keep(userIds: readonly string[], until: number): Promise<void>;
  /** Which of these people are there, on any node; `null` while nobody can tell. */
  present(userIds: readonly string[]): Promise<ReadonlySet<string> | null>;
}

/** Presence where there is one node. */
export class MemoryPresenceStore implements PresenceStore {
  readonly #until = new Map<string, number>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  keep(userIds: readonly string[], until: number): Promise<void> {
    for (const userId of userIds) {
      this.#until.delete(userId);
      this.#until.set(userId, until);
    }
    this.#forgetGone();
    return Promise.resolve();
  }

  present(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const now = this.#now();
    const present = userIds.filter((userId) => (this.#until.get(userId) ?? 0) > now);
    return Promise.resolve(new Set(present));
  }

  /** Drops who is gone from the old end; whoever is kept again moves to the new one. */
  #forgetGone(): void {
    const now = this.#now();
    for (const [userId, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(userId);
    }
  }
}

interface RedisPresenceStoreDeps {
  readonly redis: Redis;
  /** Names this process among the nodes. */
  readonly nodeId: string;
  readonly now: Now;
  /** The key of a person; default: whether it is there. */
  readonly keyOf?: (userId: string) => string;
}

/** Longer than any node counts anybody as there. */
const KEY_LIFE = MINUTE;
/** After Redis came back, the nodes need this long to say again who is there. */
const SETTLES = 5 * SECOND;

/** Presence where there are several nodes. A node that dies is forgotten when its times are over. */
export class RedisPresenceStore implements PresenceStore {
  readonly #deps: RedisPresenceStoreDeps;
  readonly #keyOf: (userId: string) => string;
  #settledAt = 0;

  constructor(deps: RedisPresenceStoreDeps) {
    this.#deps = deps;
    this.#keyOf = deps.keyOf ?? presenceKey;
    deps.redis.on('ready', () => (this.#settledAt = deps.now() + SETTLES));
  }

  /** @throws when Redis does not take it */
  async keep(userIds: readonly string[], until: number): Promise<void> {
    const { nodeId, now, redis } = this.#deps;
    if (userIds.length === 0) return;
    const batch = redis.pipeline();
    const over = now();
    for (const key of userIds.map(this.#keyOf)) {
      batch.zadd(key, until, nodeId);
      batch.zremrangebyscore(key, '-inf', over);
      batch.pexpire(key, KEY_LIFE);
    }
    results(await batch.exec());
  }

  /** @throws when Redis does not answer */
  async present(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    const { now, redis } = this.#deps;
    if (userIds.length === 0) return new Set();
    if (now() < this.#settledAt) return null;
    const batch = redis.pipeline();
    for (const userId of userIds) batch.zcount(this.#keyOf(userId), `(${now()}`, '+inf');
    const counts = results(await batch.exec());
    return new Set(userIds.filter((_, index) => Number(counts[index]) > 0));
  }
}

/** The results of a batch. @throws the first error among them */
function results(answers: [error: Error | null, result: unknown][] | null): unknown[] {
  return (answers ?? []).map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}
