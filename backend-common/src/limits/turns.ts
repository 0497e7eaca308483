import { type RateLimit } from '@parley/common';

import { TokenBuckets } from './token-buckets.ts';

/** How fast the work of one key may begin. */
export interface TurnLimits {
  readonly rate: RateLimit;
  /** The most that begins for one key within {@link TURN}, also while its bucket is full. */
  readonly perTurn: number;
}

/** Time, which a test may replace. */
export interface TurnsTime {
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  /** Calls a function each turn, until the function that it returns is called. */
  readonly eachTurn?: (run: () => void) => () => void;
}

/** Milliseconds of a turn. Work that has to wait begins in a later one. */
export const TURN = 5;

interface Queue {
  /** How much work has begun in this turn. */
  begun: number;
  /** The callbacks that begin the waiting work, in order of arrival. */
  readonly waiting: Set<() => void>;
}

/**
 * Work that waits instead of being refused when there is too much of one key. A key gets little in each turn, so
 * other work comes in between even if a whole burst arrives at once, and a process that is busy begins less of it.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #buckets: TokenBuckets;
  /** Keys of which work waits or has begun in this turn. */
  readonly #queues = new Map<string, Queue>();
  readonly #eachTurn: (run: () => void) => () => void;
  #stop: (() => void) | undefined;

  constructor(limits: TurnLimits, { eachTurn = repeat, monotonic }: TurnsTime = {}) {
    this.#limits = limits;
    this.#eachTurn = eachTurn;
    this.#buckets = new TokenBuckets(monotonic);
  }

  /** Begins work now, or in a later turn after all that waits for the key already. Returns whether it waits. */
  enter(key: string, begin: () => void): boolean {
    const queue = this.#queueOf(key);
    if (queue.waiting.size === 0 && this.#mayBegin(key, queue)) {
      begin();
      return false;
    }
    queue.waiting.add(begin);
    return true;
  }

  /** Removes waiting work of a key, so that it does not begin. */
  leave(key: string, begin: () => void): void {
    this.#queues.get(key)?.waiting.delete(begin);
  }

  /** How much work waits for a key. */
  waiting(key: string): number {
    return this.#queues.get(key)?.waiting.size ?? 0;
  }

  /** Counts as if `count` more pieces of work of a key had begun. */
  charge(key: string, count: number): void {
    this.#buckets.spend(key, this.#limits.rate, count);
  }

  /** Forgets all waiting work. */
  close(): void {
    this.#queues.clear();
    this.#stopIfIdle();
  }

  #queueOf(key: string): Queue {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue: Queue = { begun: 0, waiting: new Set() };
    this.#queues.set(key, queue);
    this.#stop ??= this.#eachTurn(() => this.#turn());
    return queue;
  }

  #mayBegin(key: string, queue: Queue): boolean {
    if (queue.begun >= this.#limits.perTurn) return false;
    if (!this.#buckets.tryTake(key, this.#limits.rate)) return false;
    queue.begun += 1;
    return true;
  }

  #turn(): void {
    for (const [key, queue] of this.#queues) {
      if (queue.waiting.size === 0) this.#queues.delete(key);
      queue.begun = 0;
      for (const begin of queue.waiting) {
        if (!this.#mayBegin(key, queue)) break;
        queue.waiting.delete(begin);
        begin();
      }
    }
    this.#stopIfIdle();
  }

  #stopIfIdle(): void {
    if (this.#queues.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}

function repeat(run: () => void): () => void {
  const timer = setInterval(run, TURN).unref();
  return () => clearInterval(timer);
}
