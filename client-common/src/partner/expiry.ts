import { DAY } from '@parley/common';
import type { Status } from '@parley/common/contract';

import type { Platform } from '../core/platform.ts';
import type { PartnerClient } from './types.ts';

/** The status at `now`: an expired one is AVAILABLE, even before the server says so. */
export function statusAt<T extends Status>(status: T, now: number): T {
  const { statusExpiration } = status;
  if (statusExpiration === null || statusExpiration > now) return status;
  return { ...status, status: 'AVAILABLE', statusExpiration: null };
}

/** Calls back when a status expires, by the server's clock. */
export class Expiry {
  readonly #client: Pick<PartnerClient, 'now'>;
  readonly #setTimeout: Platform['setTimeout'];
  readonly #isOver: () => void;
  #cancel: () => void = () => undefined;

  constructor(
    client: Pick<PartnerClient, 'now'>,
    platform: Pick<Platform, 'setTimeout'>,
    isOver: () => void,
  ) {
    this.#client = client;
    this.#setTimeout = platform.setTimeout;
    this.#isOver = isOver;
  }

  /** Waits for this time from now on; `null` for none. */
  set(at: number | null): void {
    this.#cancel();
    if (at === null) return;
    const left = at - this.#client.now();
    // Timers hold 24 days at most, and the clock may be set meanwhile.
    this.#cancel = this.#setTimeout(
      () => {
        if (at > this.#client.now()) this.set(at);
        else this.#isOver();
      },
      Math.min(Math.max(left, 1), DAY),
    );
  }
}
