import type { Redis } from '@parley/backend-common';
import { MINUTE, SECOND, type Now } from '@parley/common';

import { presenceKey } from '../transport/rooms/names.ts';

/** Which users are active (online, or in the foreground). Each node renews the users connected to it before they expire. */
export interface PresenceStore {
  /** Marks users as active on this node until `until` (milliseconds since the epoch); replaces the earlier time. */
  setActiveUntil(userIds: readonly string[], until: number): Promise<void>;
  /** Those of the users who are active on any node; `null` while that is unknown. */
  activeAmong(userIds: readonly string[]): Promise<ReadonlySet<string> | null>;
}

/** The store of a single node. */
export class MemoryPresenceStore implements PresenceStore {
  readonly #until = new Map<string, number>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  setActiveUntil(userIds: readonly string[], until: number): Promise<void> {
    for (const userId of userIds) {
      this.#until.delete(userId);
      this.#until.set(userId, until);
    }
    this.#removeExpired();
    return Promise.resolve();
  }

  activeAmong(userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const now = this.#now();
    const active = userIds.filter((userId) => (this.#until.get(userId) ?? 0) > now);
    return Promise.resolve(new Set(active));
  }

  /** The map is ordered by the last renewal, so that expired users are found at its start. */
  #removeExpired(): void {
    const now = this.#now();
    for (const [userId, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(userId);
    }
  }
}

interface RedisPresenceStoreDeps {
  readonly redis: Redis;
  /** Identifies this process among the nodes. */
  readonly nodeId: string;
  readonly now: Now;
  /** The Redis key of a user; default: the key for being online. */
  readonly keyOf?: (userId: string) => string;
}

/** Longer than any user is marked as active. */
const KEY_LIFE = MINUTE;
/** After a reconnect, the nodes need this long to mark their users again. */
const SETTLE_TIME = 5 * SECOND;

/** The store of several nodes: one sorted set per user, with a node id scored by its time. The entries of a crashed node expire. */
export class RedisPresenceStore implements PresenceStore {
  readonly #deps: RedisPresenceStoreDeps;
  readonly #keyOf: (userId: string) => string;
  #settledAt = 0;

  constructor(deps: RedisPresenceStoreDeps) {
    this.#deps = deps;
    this.#keyOf = deps.keyOf ?? presenceKey;
    deps.redis.on('ready', () => (this.#settledAt = deps.now() + SETTLE_TIME));
  }

  /** @throws when Redis does not answer */
  async setActiveUntil(userIds: readonly string[], until: number): Promise<void> {
    const { nodeId, now, redis } = this.#deps;
    if (userIds.length === 0) return;
    const batch = redis.pipeline();
    const expired = now();
    for (const key of userIds.map(this.#keyOf)) {
      batch.zadd(key, until, nodeId);
      batch.zremrangebyscore(key, '-inf', expired);
      batch.pexpire(key, KEY_LIFE);
    }
    results(await batch.exec());
  }

  /** @throws when Redis does not answer */
  async activeAmong(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    const { now, redis } = this.#deps;
    if (userIds.length === 0) return new Set();
    if (now() < this.#settledAt) return null;
    const batch = redis.pipeline();
    for (const userId of userIds) batch.zcount(this.#keyOf(userId), `(${now()}`, '+inf');
    const counts = results(await batch.exec());
    return new Set(userIds.filter((_, index) => Number(counts[index]) > 0));
  }
}

/** The results of a pipeline. @throws the first error among them */
function results(answers: [error: Error | null, result: unknown][] | null): unknown[] {
  return (answers ?? []).map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}
