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
 * How many failed logins are allowed before the answer is `rate_limited`. No limit locks an account: every bucket
 * refills at its rate, and attempts from other addresses never count against an address that the owner has used.
 */
export const LOGIN_LIMITS = {
  /** For an account and an address that has logged in to it before. */
  known: every(10 * SECOND, 10),
  /** For an account and an address that has not logged in to it before. */
  unknown: every(15 * MINUTE, 10),
  /** For an account and all addresses together that have not. A single address can use 1/45 of it. */
  account: every(20 * SECOND, 100),
  /** For an address and all accounts together that it has not logged in to before. */
  address: every(6 * SECOND, 100),
  /** For checks of the current password within one session. */
  password: every(MINUTE, 5),
} as const;

/** Logins, registrations and resets of a password per address, counted in memory, so that refusing the excess costs no query. */
const REQUESTS: RateLimit = { perSecond: 2, burst: 60 };

const REGISTRATION = every(HOUR / REGISTRATIONS_PER_HOUR, REGISTRATIONS_PER_HOUR);

/** An attempt that was allowed. It counts as failed until one of these is called. */
export interface Attempt {
  /** The password was right. */
  succeed(): Promise<void>;
  /** The attempt was not carried out, so no password was guessed. */
  withdraw(): Promise<void>;
}

interface ThrottleDeps {
  readonly repository: ThrottleRepository;
  readonly key: Uint8Array;
  readonly now: Now;
  /** Counts requests per address, successful or not; absent if the limits per address are off. */
  readonly requests: TokenBuckets | undefined;
}

interface Bucket {
  readonly key: string;
  readonly limit: RateLimit;
}

/** Decides whether a password may be tried, before any hash is computed. An attempt counts from then on, not from its result. */
export class LoginThrottle {
  readonly #deps: ThrottleDeps;

  constructor(deps: ThrottleDeps) {
    this.#deps = deps;
  }

  /** Call before a login. Unknown usernames are counted like known ones. @throws AppError `rate_limited` */
  async login(username: string, address: string): Promise<Attempt> {
    const { now, repository } = this.#deps;
    const group = this.admit(address);
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

  /** Call before the current password of a session's owner is checked. @throws AppError `rate_limited` */
  async password(sessionId: string): Promise<Attempt> {
    const bucket = { key: this.#key('password', sessionId), limit: LOGIN_LIMITS.password };
    await this.#takeAll([bucket]);
    return {
      withdraw: () => this.#giveBack([bucket]),
      succeed: () => this.#deps.repository.reset(bucket.key),
    };
  }

  /** Call before an account is created. @throws AppError `rate_limited` */
  async registration(username: string, address: string): Promise<Attempt> {
    const group = this.admit(address);
    const key = this.#key('registration', group);
    const buckets = this.#deps.requests ? [{ key, limit: REGISTRATION }] : [];
    await this.#takeAll(buckets);
    return {
      withdraw: () => this.#giveBack(buckets),
      succeed: () =>
        this.#deps.repository.remember(this.#key('place', username, group), this.#deps.now()),
    };
  }

  /** Counts a request of an address, whose group it returns. @throws AppError `rate_limited` */
  admit(address: string): string {
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

  /** A keyed hash, because users sometimes type passwords into the username field, and addresses are personal data. */
  #key(...parts: string[]): string {
    return createHmac('sha256', this.#deps.key).update(JSON.stringify(parts)).digest('base64url');
  }
}
