import type { AppError } from '@parley/common';
import type { EventPayload, Partner, Status } from '@parley/common/contract';

import type { Platform } from '../core/platform.ts';
import { keepSame } from '../core/signal.ts';
import type { PartnerClient, PartnerState } from './types.ts';
import { LiveQuery } from '../core/live-query.ts';
import { Expiry, statusAt } from './expiry.ts';

type PartnerEvent = EventPayload<'partner'>;

const NONE: PartnerState = { status: 'none' };

/** The partner of the user, live. */
export class CurrentPartner {
  readonly #client: PartnerClient;
  readonly #query: LiveQuery<PartnerState>;
  readonly #expiry: Expiry;
  #state: PartnerState = { status: 'loading' };

  constructor(client: PartnerClient, platform: Pick<Platform, 'setTimeout'>) {
    this.#client = client;
    this.#expiry = new Expiry(client, platform, () => {
      this.#query.signal.invalidate();
    });
    this.#query = new LiveQuery<PartnerState>({
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
    return this.#query.signal;
  }

  get partner(): Partner | null {
    return this.#state.status === 'linked' ? this.#state.partner : null;
  }

  refresh(): Promise<void> {
    return this.#query.refresh();
  }

  /** The partner as the server has it; a status that is known to be newer stays. */
  set(partner: Partner): void {
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
        this.set(partner);
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
      this.#receive(event);
    });
    this.#arm();
    return () => {
      stop();
      this.#expiry.set(null);
    };
  }

  #receive(event: PartnerEvent): void {
    const { partner } = this;
    const isPartner = partner?.id === event.partnerId;
    if (isPartner && event.timestamp <= partner.timestamp) return;
    if (isPartner && event.type === 'PARTNER_STATUS_CHANGED') {
      this.#set({ status: 'linked', partner: { ...partner, ...statusOf(event) } });
      return;
    }
    if (isPartner && event.type === 'PARTNER_UNLINKED') this.ended();
    // Only the server knows who the partner is, or whether the link still exists.
    void this.#query.refresh();
  }

  #set(state: PartnerState): void {
    this.#state = state;
    this.#arm();
  }

  #arm(): void {
    this.#expiry.set(this.partner?.statusExpiration ?? null);
    this.#query.signal.invalidate();
  }
}

function statusOf({ status, statusExpiration, timestamp }: Status): Status {
  return { status, statusExpiration, timestamp };
}
