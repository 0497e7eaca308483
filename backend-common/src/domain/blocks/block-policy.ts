import { AppError, SECOND } from '@parley/common';
import { LRUCache } from 'lru-cache';

import { BatchLoader } from '../../mongo/batch-loader.ts';
import type { BlockReader, Relations } from './block-repository.ts';

/** A block between two users as one of them sees it: `own`, the user blocks the other; else `other`. */
export type Barrier = 'own' | 'other';

interface BlockPolicyDeps {
  readonly reader: Pick<BlockReader, 'relationsOf' | 'among'>;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
}

/** Both users of a block that was created or removed. */
export type BlockedPair = readonly [userId: string, otherId: string];

/** Milliseconds for which cached blocks are valid after a poll that found every change. */
export const BELIEVED = 5 * SECOND;
const MAX_REMEMBERED = 50_000;
const BATCH = 200;

/**
 * The only policy on blocks, used by every feature. Caches the blocks of users; a change is dropped from the cache at
 * once here, by a cluster event on other nodes, and within 5 s by the {@link BlockPoller} if the event was lost.
 */
export class BlockPolicy {
  readonly #deps: BlockPolicyDeps;
  readonly #monotonic: () => number;
  readonly #remembered = new LRUCache<string, Relations>({ max: MAX_REMEMBERED });
  readonly #reading = new Map<string, { isStale: boolean }>();
  readonly #listeners: ((pair: BlockedPair) => void)[] = [];
  readonly #loader: BatchLoader<Relations>;
  #believedUntil = -Infinity;

  constructor(deps: BlockPolicyDeps) {
    this.#deps = deps;
    this.#monotonic = deps.monotonic ?? (() => performance.now());
    this.#loader = new BatchLoader({
      read: (userIds) => deps.reader.relationsOf(userIds),
      maxBatchSize: BATCH,
    });
  }

  /** The block between two users as the first sees it; synchronous if one of them is cached. */
  between(userId: string, otherId: string): Barrier | null | Promise<Barrier | null> {
    if (this.#monotonic() < this.#believedUntil) {
      // `peek`, because this is asked for each message and the order of eviction does not matter here.
      const own = this.#remembered.peek(userId);
      if (own?.isComplete === true) return barrierIn(own, otherId);
      const others = this.#remembered.peek(otherId);
      if (others?.isComplete === true) return turned(others, userId);
    }
    return this.#ask(userId, otherId);
  }

  /** Those of `others` who block a user or are blocked by the user, as the user sees it. */
  async among(userId: string, others: readonly string[]): Promise<ReadonlyMap<string, Barrier>> {
    const found = new Map<string, Barrier>();
    if (others.length === 0) return found;
    const own = await this.#relationsOf(userId);
    if (own.isComplete) {
      for (const other of others) {
        const barrier = barrierIn(own, other);
        if (barrier !== null) found.set(other, barrier);
      }
      return found;
    }
    for (const pair of await this.#deps.reader.among(userId, others)) {
      if (pair.userId === userId) found.set(pair.blockedId, 'own');
      else if (!found.has(pair.userId)) found.set(pair.userId, 'other');
    }
    return found;
  }

  /** @throws AppError `blocked` if the user blocks one of the others, `recipient_unavailable` if one of them blocks the user */
  async requireOpen(userId: string, others: readonly string[]): Promise<void> {
    const barriers = new Set((await this.among(userId, others)).values());
    if (barriers.has('own')) throw refusalOf('own');
    if (barriers.has('other')) throw refusalOf('other');
  }

  /** Drops what is cached of both users of a block that was created or removed, and notifies the listeners. */
  changed(pair: BlockedPair): void {
    for (const userId of pair) {
      this.#remembered.delete(userId);
      const reading = this.#reading.get(userId);
      if (reading !== undefined) reading.isStale = true;
      this.#reading.delete(userId);
    }
    for (const listener of this.#listeners) listener(pair);
  }

  /** Subscribes to blocks that are created or removed on any node. Called at least once, up to 5 s late. */
  onChange(listener: (pair: BlockedPair) => void): void {
    this.#listeners.push(listener);
  }

  /** Confirms that every change up to a moment (monotonic milliseconds) was passed to `changed`. */
  confirm(moment: number): void {
    // What was read while no poll succeeded may be out of date.
    if (this.#monotonic() >= this.#believedUntil) this.#remembered.clear();
    this.#believedUntil = moment + BELIEVED;
  }

  async #ask(userId: string, otherId: string): Promise<Barrier | null> {
    return (await this.among(userId, [otherId])).get(otherId) ?? null;
  }

  async #relationsOf(userId: string): Promise<Relations> {
    const isBelieved = this.#monotonic() < this.#believedUntil;
    const known = isBelieved ? this.#remembered.get(userId) : undefined;
    if (known !== undefined) return known;
    const reading = this.#reading.get(userId) ?? { isStale: false };
    this.#reading.set(userId, reading);
    try {
      const relations = (await this.#loader.load(userId)) as Relations;
      if (!reading.isStale) this.#remembered.set(userId, relations);
      return relations;
    } finally {
      if (this.#reading.get(userId) === reading) this.#reading.delete(userId);
    }
  }
}

/** The error for a user who meets a block. A blocked user cannot tell the block from a deleted account. */
export function refusalOf(barrier: Barrier): AppError {
  return new AppError(barrier === 'own' ? 'blocked' : 'recipient_unavailable');
}

function barrierIn({ blockedBy, blocking }: Relations, otherId: string): Barrier | null {
  if (blocking.has(otherId)) return 'own';
  return blockedBy.has(otherId) ? 'other' : null;
}

/** The block as a user sees it, from the blocks of the other one. */
function turned({ blockedBy, blocking }: Relations, userId: string): Barrier | null {
  if (blockedBy.has(userId)) return 'own';
  return blocking.has(userId) ? 'other' : null;
}
