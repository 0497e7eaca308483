import type { Status, StatusName } from '@parley/common/contract';

import type { Platform } from '../core/platform.ts';
import { keepSame } from '../core/signal.ts';
import { LiveQuery } from '../core/live-query.ts';
import { Expiry, statusAt } from './expiry.ts';
import type { PartnerClient } from './types.ts';

/** The own status, on all devices. */
export class OwnStatus {
  readonly #client: PartnerClient;
  readonly #query: LiveQuery<Status | null>;
  readonly #expiry: Expiry;
  #known: Status | null = null;
  /** The status that was set here, until the server answers. */
  #wanted: Status | null = null;

  constructor(client: PartnerClient, platform: Pick<Platform, 'setTimeout'>) {
    this.#client = client;
    this.#expiry = new Expiry(client, platform, () => {
      this.#query.signal.invalidate();
    });
    this.#query = new LiveQuery<Status | null>({
      client,
      compute: (previous) => {
        const status = this.#wanted ?? this.#known;
        return status && keepSame(previous, statusAt(status, client.now()));
      },
      ask: async () => {
        const status = await client.request('status:get', {});
        return () => {
          this.#take(status);
        };
      },
      failed: () => undefined,
      listen: () => this.#listen(),
    });
  }

  get readable() {
    return this.#query.signal;
  }

  async set(status: StatusName, statusExpiration: number | null): Promise<void> {
    const wanted = { status, statusExpiration, timestamp: this.#known?.timestamp ?? 0 };
    this.#want(wanted);
    try {
      this.#take(await this.#client.request('status:set', { status, statusExpiration }));
    } finally {
      if (this.#wanted === wanted) this.#want(null);
    }
  }

  #listen(): () => void {
    const stop = this.#client.onEvent('status', (status) => {
      this.#take(status);
    });
    this.#arm();
    return () => {
      stop();
      this.#expiry.set(null);
    };
  }

  #want(status: Status | null): void {
    this.#wanted = status;
    this.#arm();
  }

  /** An older status arrived late. */
  #take(status: Status): void {
    if (this.#known !== null && status.timestamp < this.#known.timestamp) return;
    this.#known = status;
    this.#arm();
  }

  #arm(): void {
    this.#expiry.set((this.#wanted ?? this.#known)?.statusExpiration ?? null);
    this.#query.signal.invalidate();
  }
}
