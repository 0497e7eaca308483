import { createHmac } from 'node:crypto';
import { addressGroup } from '@parley/backend-common';
import { AppError, LIMITS, type Now } from '@parley/common';

import type {
  AttemptLimit,
  LinkAttempt,
  LinkAttemptRepository,
} from './link-attempt-repository.ts';

interface LinkAttemptLimiterDeps {
  readonly repository: LinkAttemptRepository;
  readonly key: Uint8Array;
  readonly newId: () => string;
  readonly now: Now;
}

const within = LIMITS.linkGuessesWithin;
const PER_USER: AttemptLimit = { most: LIMITS.linkGuessesPerUser, within };
const PER_ADDRESS: AttemptLimit = { most: LIMITS.linkGuessesPerAddress, within };

/** Who enters a link code. */
export interface AttemptSource {
  readonly userId: string;
  readonly address: string;
}

/** An attempt that is allowed. It counts as wrong until it is withdrawn. */
export interface AllowedAttempt {
  withdraw(): Promise<void>;
}

/** Limits wrong link codes per user and per network address. `PARLEY_RATE_LIMITS=off` does not lift it. */
export class LinkAttemptLimiter {
  readonly #deps: LinkAttemptLimiterDeps;

  constructor(deps: LinkAttemptLimiterDeps) {
    this.#deps = deps;
  }

  /**
   * Counts an attempt before the code is compared, so that concurrent attempts cannot exceed the limit.
   * @throws AppError `rate_limited`
   */
  async attempt({ address, userId }: AttemptSource): Promise<AllowedAttempt> {
    const { newId, now, repository } = this.#deps;
    const attempt: LinkAttempt = { id: newId(), at: now() };
    const userKey = this.#key('user', userId);
    const addressKey = this.#key('address', addressGroup(address));
    await this.#take(userKey, PER_USER, attempt);
    try {
      await this.#take(addressKey, PER_ADDRESS, attempt);
    } catch (error) {
      await repository.withdraw(userKey, attempt);
      throw error;
    }
    return {
      async withdraw() {
        await Promise.all([userKey, addressKey].map((key) => repository.withdraw(key, attempt)));
      },
    };
  }

  async #take(key: string, limit: AttemptLimit, attempt: LinkAttempt): Promise<void> {
    const retryAfterMs = await this.#deps.repository.take(key, limit, attempt);
    if (retryAfterMs === 0) return;
    throw new AppError('rate_limited', 'Too many wrong link codes; try again later', {
      retryAfterMs,
    });
  }

  #key(...parts: string[]): string {
    return createHmac('sha256', this.#deps.key).update(JSON.stringify(parts)).digest('base64url');
  }
}
