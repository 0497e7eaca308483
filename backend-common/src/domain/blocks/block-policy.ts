import { AppError, SECOND } from '@parley/common';
import { LRUCache } from 'lru-cache';

import { BatchLoader } from '../../mongo/batch-loader.ts';
import type { BlockReader, Relations } from './block-repository.ts';

/** What stands between two people, as one of them is told: `own`, that one blocks the other; else `other`. */
export type Barrier = 'own' | 'other';

interface BlockPolicyDeps {
  readonly reader: Pick<BlockReader, 'relationsOf' | 'among'>;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
}

/** Both people of a block that began or ended. */
export type BlockedPair = readonly [userId: string, otherId: string];

/** What is remembered is believed for this time after somebody made sure that nothing else has changed. */
export const BELIEVED = 5 * SECOND;
const MAX_REMEMBERED = 50_000;
const BATCH = 200;

/**
 * The one policy on blocks, which every feature asks. Remembers the relations of people; what changes is dropped at
 * once here, by a hint on other nodes, and within 5 s by the {@link BlockPoller} where the hint was lost.
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

  /** What stands between two people, as the first is told; at once where one of them is remembered. */
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

  /** Those of `others` who block a person or are blocked by it, with what the person is told of each. */
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

  /** @throws AppError `blocked` for whoever blocks one of the others, `recipient_unavailable` for whoever is blocked */
  async requireOpen(userId: string, others: readonly string[]): Promise<void> {
    const barriers = new Set((await this.among(userId, others)).values());
    if (barriers.has('own')) throw refusalOf('own');
    if (barriers.has('other')) throw refusalOf('other');
  }

  /** Takes note that a block began or ended: what is remembered of both is dropped, and the listeners are told. */
  changed(pair: BlockedPair): void {
    for (const userId of pair) {
      this.#remembered.delete(userId);
      const reading = this.#reading.get(userId);
      if (reading !== undefined) reading.isStale = true;
      this.#reading.delete(userId);
    }
    for (const listener of this.#listeners) listener(pair);
  }

  /** Called when a block began or ended on any node; at least once, and where a hint was lost up to 5 s later. */
  onChange(listener: (pair: BlockedPair) => void): void {
    this.#listeners.push(listener);
  }

  /** Whoever calls has told of every change up to a moment (monotonic milliseconds). */
  confirm(moment: number): void {
    // What was read while nobody looked for changes may be older than it seems.
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

/** The error of whoever meets a barrier. Whoever is blocked learns no more than of somebody who is gone. */
export function refusalOf(barrier: Barrier): AppError {
  return new AppError(barrier === 'own' ? 'blocked' : 'recipient_unavailable');
}

function barrierIn({ blockedBy, blocking }: Relations, otherId: string): Barrier | null {
  if (blocking.has(otherId)) return 'own';
  return blockedBy.has(otherId) ? 'other' : null;
}

/** What the relations of the other say about a person. */
function turned({ blockedBy, blocking }: Relations, userId: string): Barrier | null {
  if (blockedBy.has(userId)) return 'own';
  return blocking.has(userId) ? 'other' : null;
}
