import type { AppError } from '@parley/common';
import type { EventPayload, Partner, Status } from '@parley/common/contract';

import type { Client } from '../client.ts';
import type { Platform } from '../core/platform.ts';
import { keepSame } from '../core/signal.ts';
import type { PartnerState } from './api.ts';
import { Asked } from './asked.ts';
import { Expiry, statusAt } from './expiry.ts';

type PartnerEvent = EventPayload<'partner'>;

const NONE: PartnerState = { status: 'none' };

/** The one person that this one is linked with, live. */
export class Link {
  readonly #client: Client;
  readonly #asked: Asked<PartnerState>;
  readonly #expiry: Expiry;
  #state: PartnerState = { status: 'loading' };

  constructor(client: Client, platform: Platform) {
    this.#client = client;
    this.#expiry = new Expiry(client, platform, () => {
      this.#asked.signal.invalidate();
    });
    this.#asked = new Asked<PartnerState>({
      client,
      compute: (previous) => this.#compute(previous),
      ask: () => this.#ask(),
      failed: ({ code }) => {
        if (this.#state.status !== 'linked') this.#set({ status: 'failed', code });
      },
      listen: () => this.#listen(),
    });
  }

  get readable() {
    return this.#asked.signal;
  }

  get partner(): Partner | null {
    return this.#state.status === 'linked' ? this.#state.partner : null;
  }

  ask(): Promise<void> {
    return this.#asked.ask();
  }

  /** The partner as the server has it now; a status that is known to be newer stays. */
  take(partner: Partner): void {
    const known = this.partner;
    const isKnown = known?.id === partner.id && known.timestamp > partner.timestamp;
    this.#set({
      status: 'linked',
      partner: isKnown ? { ...partner, ...statusOf(known) } : partner,
    });
  }

  ended(): void {
    this.#set(NONE);
  }

  #compute(previous: PartnerState | undefined): PartnerState {
    if (this.#state.status !== 'linked') return this.#state;
    const before = previous?.status === 'linked' ? previous.partner : null;
    const partner = keepSame(before, statusAt(this.#state.partner, this.#client.now()));
    return previous && partner === before ? previous : { status: 'linked', partner };
  }

  async #ask(): Promise<() => void> {
    try {
      const partner = await this.#client.request('partner:get', {});
      return () => {
        this.take(partner);
      };
    } catch (thrown) {
      if ((thrown as AppError).code !== 'not_found') throw thrown;
      return () => {
        this.ended();
      };
    }
  }

  #listen(): () => void {
    const stop = this.#client.onEvent('partner', (event) => {
      this.#heard(event);
    });
    this.#arm();
    return () => {
      stop();
      this.#expiry.set(null);
    };
  }

  #heard(event: PartnerEvent): void {
    const { partner } = this;
    const isPartner = partner?.id === event.partnerId;
    if (isPartner && event.timestamp <= partner.timestamp) return;
    if (isPartner && event.type === 'PARTNER_STATUS_CHANGED') {
      this.#set({ status: 'linked', partner: { ...partner, ...statusOf(event) } });
      return;
    }
    if (isPartner && event.type === 'PARTNER_UNLINKED') this.ended();
    // Who it is, or whether it still holds, the server knows.
    void this.#asked.ask();
  }

  #set(state: PartnerState): void {
    this.#state = state;
    this.#arm();
  }

  #arm(): void {
    this.#expiry.set(this.partner?.statusExpiration ?? null);
    this.#asked.signal.invalidate();
  }
}

function statusOf({ status, statusExpiration, timestamp }: Status): Status {
  return { status, statusExpiration, timestamp };
}
