import { createHmac } from 'node:crypto';
import { addressGroup } from '@parley/backend-common';
import { AppError, LIMITS, type Now } from '@parley/common';

import type { Guess, GuessLimit, GuessRepository } from './guess-repository.ts';

interface GuessLimitsDeps {
  readonly repository: GuessRepository;
  readonly key: Uint8Array;
  readonly newId: () => string;
  readonly now: Now;
}

const within = LIMITS.linkGuessesWithin;
const OF_USER: GuessLimit = { most: LIMITS.linkGuessesPerUser, within };
const OF_ADDRESS: GuessLimit = { most: LIMITS.linkGuessesPerAddress, within };

/** Who guesses. */
export interface Guesser {
  readonly userId: string;
  readonly address: string;
}

/** A guess that was let through. It counts as wrong until it is withdrawn. */
export interface Attempt {
  withdraw(): Promise<void>;
}

/** Decides whether a link code may be tried. Holds whatever other limits are switched off. */
export class GuessLimits {
  readonly #deps: GuessLimitsDeps;

  constructor(deps: GuessLimitsDeps) {
    this.#deps = deps;
  }

  /** Counts before the answer is known, so that guesses at the same time do not pass. @throws AppError `rate_limited` */
  async attempt({ address, userId }: Guesser): Promise<Attempt> {
    const { newId, now, repository } = this.#deps;
    const guess: Guess = { id: newId(), at: now() };
    const user = this.#key('user', userId);
    const place = this.#key('address', addressGroup(address));
    await this.#take(user, OF_USER, guess);
    try {
      await this.#take(place, OF_ADDRESS, guess);
    } catch (error) {
      await repository.giveBack(user, guess);
      throw error;
    }
    return {
      async withdraw() {
        await Promise.all([user, place].map((key) => repository.giveBack(key, guess)));
      },
    };
  }

  async #take(key: string, limit: GuessLimit, guess: Guess): Promise<void> {
    const retryAfterMs = await this.#deps.repository.take(key, limit, guess);
    if (retryAfterMs === 0) return;
    throw new AppError('rate_limited', 'Too many wrong codes; wait a while', { retryAfterMs });
  }

  #key(...parts: string[]): string {
    return createHmac('sha256', this.#deps.key).update(JSON.stringify(parts)).digest('base64url');
  }
}
