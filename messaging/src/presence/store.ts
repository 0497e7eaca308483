import type { Redis } from '@parley/backend-common';
import { MINUTE, type Now } from '@parley/common';

import type { LiveNodes } from '../transport/cluster/live-nodes.ts';
import { presenceKey } from '../transport/rooms/names.ts';

/** Which users are active (online, or in the foreground). Each node renews the users connected to it before they expire. */
export interface PresenceStore {
  /** Marks users as active on this node until `until` (milliseconds since the epoch); replaces the earlier time. */
  setActiveUntil(userIds: readonly string[], until: number): Promise<void>;
  /** The same for users who are marked as active on this node already. It costs less. */
  prolong(userIds: readonly string[], until: number): Promise<void>;
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

  prolong(userIds: readonly string[], until: number): Promise<void> {
    return this.setActiveUntil(userIds, until);
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
  readonly nodes: Pick<LiveNodes, 'alive'>;
  readonly now: Now;
  /** The Redis key of a user; default: the key for being online. */
  readonly keyOf?: (userId: string) => string;
}

/**
 * Milliseconds for which users are marked as active. That only bounds how long Redis keeps what nobody renews: users of
 * a node that has crashed no longer count as soon as its heartbeats are missing.
 */
export const ACTIVE_FOR = 3 * MINUTE;
/** Milliseconds until a key expires: longer than any user is marked as active. */
const KEY_LIFE = ACTIVE_FOR + MINUTE;
/** Users in one command: Redis is busy with it for less than a millisecond. */
const BATCH = 500;
/** Marks users; ARGV: node, time until which it is true, life of the key in ms, and the time before which marks have ended, if those are removed. */
const MARK = `
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, ARGV[2], ARGV[1])
  if ARGV[4] then redis.call('ZREMRANGEBYSCORE', key, '-inf', ARGV[4]) end
  redis.call('PEXPIRE', key, ARGV[3])
end`;
/** Answers the nodes of each user; ARGV: the time before which marks have ended. */
const READ = `
local found = {}
for index, key in ipairs(KEYS) do
  found[index] = redis.call('ZRANGEBYSCORE', key, '(' .. ARGV[1], '+inf')
end
return found`;

/**
 * The store of several nodes: one sorted set per user, with a node id scored by its time. Only live nodes count. Hundreds
 * of users share one command, because a command for each would occupy the node more than everything else that its idle
 * users cost.
 */
export class RedisPresenceStore implements PresenceStore {
  readonly #deps: RedisPresenceStoreDeps;
  readonly #keyOf: (userId: string) => string;

  constructor(deps: RedisPresenceStoreDeps) {
    this.#deps = deps;
    this.#keyOf = deps.keyOf ?? presenceKey;
  }

  /** @throws when Redis does not answer */
  async setActiveUntil(userIds: readonly string[], until: number): Promise<void> {
    const { nodeId, now } = this.#deps;
    await this.#eval(MARK, userIds, [nodeId, until, KEY_LIFE, now()]);
  }

  /** @throws when Redis does not answer */
  async prolong(userIds: readonly string[], until: number): Promise<void> {
    await this.#eval(MARK, userIds, [this.#deps.nodeId, until, KEY_LIFE]);
  }

  /** @throws when Redis does not answer */
  async activeAmong(userIds: readonly string[]): Promise<ReadonlySet<string> | null> {
    const alive = this.#deps.nodes.alive();
    if (alive === undefined && userIds.length > 0) return null;
    const nodes = (await this.#eval(READ, userIds, [this.#deps.now()])) as string[][];
    return new Set(userIds.filter((_, index) => nodes[index]?.some((node) => alive?.has(node))));
  }

  /** Runs a script for the keys of users, and joins the lists that it answers. */
  async #eval(
    script: string,
    userIds: readonly string[],
    given: readonly (string | number)[],
  ): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (let from = 0; from < userIds.length; from += BATCH) {
      const keys = userIds.slice(from, from + BATCH).map(this.#keyOf);
      const answer = await this.#deps.redis.eval(script, keys.length, ...keys, ...given);
      if (Array.isArray(answer)) answers.push(...(answer as unknown[]));
    }
    return answers;
  }
}
