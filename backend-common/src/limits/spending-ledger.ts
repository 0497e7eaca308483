import type { RateLimit } from '@parley/common';

import { LARGEST_TABLE } from './token-buckets.ts';

/** What was taken from a bucket since the last exchange. */
export interface Spent {
  readonly key: string;
  /** Tokens, as the milliseconds in which they are refilled. */
  readonly refill: number;
  /** When the first of them was taken (monotonic milliseconds). */
  readonly since: number;
}

interface Account {
  refill: number;
  since: number;
  /** The `refill` from which on an exchange is due. */
  readonly enough: number;
  isDue: boolean;
}

/** Share of a burst that must be taken before the other nodes need to know. */
const ENOUGH = 1 / 10;

/** Records the tokens that are taken from buckets until they are exchanged with the other nodes. */
export class SpendingLedger {
  /** In the order of `since`. */
  readonly #accounts = new Map<string, Account>();
  #due: string[] = [];

  /** Records one token. */
  add(key: string, limit: RateLimit, now: number): void {
    const interval = 1_000 / limit.perSecond;
    let account = this.#accounts.get(key);
    if (account === undefined) {
      const enough = limit.burst * interval * ENOUGH;
      account = { refill: 0, since: now, enough, isDue: false };
      this.#accounts.set(key, account);
      this.#forget(now);
    }
    account.refill += interval;
    this.#noteDue(key, account);
  }

  /** Up to `most` records that are due, the oldest first. They stay recorded until {@link settle}. */
  due(most: number): Spent[] {
    this.#due = this.#due.filter((key) => this.#accounts.get(key)?.isDue === true);
    return this.#due.slice(0, most).flatMap((key): Spent[] => {
      const account = this.#accounts.get(key);
      return account === undefined ? [] : [{ key, refill: account.refill, since: account.since }];
    });
  }

  /** Removes what was exchanged at `at`. Tokens that were taken since then stay recorded. */
  settle(exchanged: readonly Spent[], at: number): void {
    const settled = new Set(exchanged.map(({ key }) => key));
    this.#due = this.#due.filter((key) => !settled.has(key));
    for (const { key, refill } of exchanged) {
      const account = this.#accounts.get(key);
      if (account === undefined) continue;
      this.#accounts.delete(key);
      if (account.refill <= refill) continue;
      const rest = { ...account, refill: account.refill - refill, since: at, isDue: false };
      this.#accounts.set(key, rest);
      this.#noteDue(key, rest);
    }
  }

  /** The number of recorded keys. */
  get size(): number {
    return this.#accounts.size;
  }

  #noteDue(key: string, account: Account): void {
    if (account.isDue || account.refill < account.enough) return;
    account.isDue = true;
    this.#due.push(key);
  }

  /**
   * Checks the two oldest records. Removes one that did not become due while its bucket refilled, and any one while there
   * are too many.
   */
  #forget(now: number): void {
    let checked = 0;
    for (const [key, { enough, isDue, since }] of this.#accounts) {
      checked += 1;
      if (checked > 2) return;
      const isInsignificant = !isDue && now - since > enough / ENOUGH;
      if (isInsignificant || this.#accounts.size > LARGEST_TABLE) this.#accounts.delete(key);
    }
  }
}
