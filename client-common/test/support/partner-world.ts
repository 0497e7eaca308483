import { AppError } from '@parley/common';
import type { Partner, Status, StatusName } from '@parley/common/contract';

import type { SentEvent } from './operations.ts';
import type { World } from './world.ts';

const FIRST: Status = { status: 'AVAILABLE', statusExpiration: null, timestamp: 0 };

/** Who is whose partner, what people say of themselves, whom they block, and their devices. */
export class PartnerWorld {
  readonly statuses = new Map<string, Status>();
  readonly partners = new Map<string, string>();
  readonly codes = new Map<string, string>();
  readonly blocks = new Map<string, Set<string>>();
  readonly devices = new Map<string, { readonly token: string }>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  status(userId: string): Status {
    return this.statuses.get(userId) ?? FIRST;
  }

  partner(userId: string): Partner {
    const id = this.partners.get(userId);
    if (id === undefined) throw new AppError('not_found');
    return { ...this.#world.profile(id), ...this.status(id), linkedAt: 1 };
  }

  /** Changes the status of a user. Returns the events for the user and the partner. */
  say(userId: string, status: StatusName, statusExpiration: number | null): SentEvent[] {
    const timestamp = this.#next(userId);
    const said: Status = { status, statusExpiration, timestamp };
    this.statuses.set(userId, said);
    const partnerId = this.partners.get(userId);
    const payload = { type: 'PARTNER_STATUS_CHANGED', partnerId: userId, ...said };
    const own: SentEvent = { userIds: [userId], event: 'status', payload: said };
    return partnerId === undefined
      ? [own]
      : [own, { userIds: [partnerId], event: 'partner', payload }];
  }

  link(one: string, other: string): SentEvent[] {
    if (this.partners.has(one) || this.partners.has(other)) throw new AppError('already_linked');
    this.partners.set(one, other);
    this.partners.set(other, one);
    return this.#notifyBoth('PARTNER_LINKED', [one, other]);
  }

  unlink(userId: string): SentEvent[] {
    const { id } = this.partner(userId);
    this.partners.delete(userId);
    this.partners.delete(id);
    return this.#notifyBoth('PARTNER_UNLINKED', [userId, id]);
  }

  #notifyBoth(type: string, [one, other]: readonly [string, string]): SentEvent[] {
    const timestamp = Math.max(this.#next(one), this.#next(other));
    for (const id of [one, other]) this.statuses.set(id, { ...this.status(id), timestamp });
    return [
      { userIds: [one], event: 'partner', payload: { type, partnerId: other, timestamp } },
      { userIds: [other], event: 'partner', payload: { type, partnerId: one, timestamp } },
    ];
  }

  #next(userId: string): number {
    return Math.max(this.#world.now(), this.status(userId).timestamp + 1);
  }
}
