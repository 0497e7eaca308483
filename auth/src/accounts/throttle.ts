import { createHmac } from 'node:crypto';
import { addressGroup, type TokenBuckets } from '@parley/backend-common';
import { AppError, HOUR, MINUTE, REGISTRATIONS_PER_HOUR, SECOND, type Now } from '@parley/common';
import type { RateLimit } from '@parley/common';

import type { ThrottleRepository } from './throttle-repository.ts';

/** One token for each `interval` milliseconds. */
const every = (interval: number, burst: number): RateLimit => ({
  perSecond: SECOND / interval,
  burst,
});

/**
 * Failed log-ins that are let through before the answer is `rate_limited`. None locks an account: a bucket only
 * fills at its pace, and what strangers do elsewhere never counts against an address that the owner has used.
 */
export const LOGIN_LIMITS = {
  /** One account from one address that has logged in to it before. */
  known: every(10 * SECOND, 10),
  /** One account from one address that has not. */
  unknown: every(15 * MINUTE, 10),
  /** One account from all addresses that have not. One such address uses 1/45 of it. */
  account: every(20 * SECOND, 100),
  /** All accounts from one address, where it is not known to the account. */
  address: every(6 * SECOND, 100),
  /** The current password, asked within one session. */
  password: every(MINUTE, 5),
} as const;

/** Log-ins and registrations of an address, counted in memory: what is beyond costs no query. */
const REQUESTS: RateLimit = { perSecond: 2, burst: 60 };

const REGISTRATION = every(HOUR / REGISTRATIONS_PER_HOUR, REGISTRATIONS_PER_HOUR);

/** An attempt that was let through. It counts as failed until one of these is called. */
export interface Attempt {
  /** The password was right. */
  succeed(): Promise<void>;
  /** Nothing was guessed, because the attempt was never carried out. */
  withdraw(): Promise<void>;
}

interface ThrottleDeps {
  readonly repository: ThrottleRepository;
  readonly key: Uint8Array;
  readonly now: Now;
  /** Counts requests of an address, whatever comes of them; absent where the caps per address are off. */
  readonly requests: TokenBuckets | undefined;
}

interface Bucket {
  readonly key: string;
  readonly limit: RateLimit;
}

/** Decides whether a password may be tried. Asked before any hash is computed, and counts before the answer is known. */
export class LoginThrottle {
  readonly #deps: ThrottleDeps;

  constructor(deps: ThrottleDeps) {
    this.#deps = deps;
  }

  /** Before a log-in. Unknown usernames are counted like known ones. @throws AppError `rate_limited` */
  async login(username: string, address: string): Promise<Attempt> {
    const { now, repository } = this.#deps;
    const group = this.#admit(address);
    const place = this.#key('place', username, group);
    const known = await repository.isKnown(place, now());
    const pair = {
      key: this.#key('pair', username, group),
      limit: known ? LOGIN_LIMITS.known : LOGIN_LIMITS.unknown,
    };
    const shared = known ? [] : this.#shared(username, group);
    const buckets = [pair, ...shared];
    await this.#takeAll(buckets);
    return {
      withdraw: () => this.#giveBack(buckets),
      succeed: async () => {
        await Promise.all([
          repository.reset(pair.key),
          this.#giveBack(shared),
          repository.remember(place, now()),
        ]);
      },
    };
  }

  /** Before the current password of a session's owner is checked. @throws AppError `rate_limited` */
  async password(sessionId: string): Promise<Attempt> {
    const bucket = { key: this.#key('password', sessionId), limit: LOGIN_LIMITS.password };
    await this.#takeAll([bucket]);
    return {
      withdraw: () => this.#giveBack([bucket]),
      succeed: () => this.#deps.repository.reset(bucket.key),
    };
  }

  /** Before an account is made. @throws AppError `rate_limited` */
  async registration(username: string, address: string): Promise<Attempt> {
    const group = this.#admit(address);
    const key = this.#key('registration', group);
    const buckets = this.#deps.requests ? [{ key, limit: REGISTRATION }] : [];
    await this.#takeAll(buckets);
    return {
      withdraw: () => this.#giveBack(buckets),
      succeed: () =>
        this.#deps.repository.remember(this.#key('place', username, group), this.#deps.now()),
    };
  }

  #admit(address: string): string {
    const group = addressGroup(address);
    this.#deps.requests?.take(group, REQUESTS);
    return group;
  }

  #shared(username: string, group: string): Bucket[] {
    const account = { key: this.#key('account', username), limit: LOGIN_LIMITS.account };
    const address = { key: this.#key('address', group), limit: LOGIN_LIMITS.address };
    return this.#deps.requests ? [address, account] : [account];
  }

  async #takeAll(buckets: readonly Bucket[]): Promise<void> {
    const { now, repository } = this.#deps;
    for (const [index, { key, limit }] of buckets.entries()) {
      const retryAfterMs = await repository.take(key, limit, now());
      if (retryAfterMs === 0) continue;
      await this.#giveBack(buckets.slice(0, index));
      throw new AppError('rate_limited', 'Too many attempts; wait a little', { retryAfterMs });
    }
  }

  async #giveBack(buckets: readonly Bucket[]): Promise<void> {
    const { repository } = this.#deps;
    await Promise.all(buckets.map(({ key, limit }) => repository.giveBack(key, limit)));
  }

  /** A keyed hash: users sometimes type passwords into the field for the username, and addresses are personal data. */
  #key(...parts: string[]): string {
    return createHmac('sha256', this.#deps.key).update(JSON.stringify(parts)).digest('base64url');
  }
}
