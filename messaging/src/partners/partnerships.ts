import { isDuplicateKey, type Transaction } from '@parley/backend-common';
import { AppError, type Now } from '@parley/common';
import type { PartnerEvent } from '@parley/common/contract';

import type { StatusRepository, UnsentEvents } from '../status/repository.ts';
import type { Partnership, PartnershipRepository } from './repository.ts';

interface PartnershipsDeps {
  readonly partnerships: PartnershipRepository;
  readonly statuses: Pick<StatusRepository, 'find' | 'setPartner'>;
  readonly newId: () => string;
  readonly now: Now;
}

/** Begins and ends partnerships within a transaction. Returns the events that are to be sent after its commit. */
export class Partnerships {
  readonly #deps: PartnershipsDeps;

  constructor(deps: PartnershipsDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `already_linked` if one of the two users has a partner */
  async begin(
    userIds: readonly [string, string],
    transaction: Transaction,
  ): Promise<UnsentEvents[]> {
    const { newId, now, partnerships } = this.#deps;
    if ((await partnerships.findOf(userIds, transaction)) !== null) throw alreadyLinked();
    const timestamp = await this.#nextTimestamp(userIds, transaction);
    const partnership = { _id: newId(), userIds, linkedAt: now() };
    try {
      await partnerships.create(partnership, transaction);
    } catch (error) {
      throw isDuplicateKey(error, 'people') ? alreadyLinked(error) : error;
    }
    return this.#writeEvents(partnership, { type: 'PARTNER_LINKED', timestamp }, transaction);
  }

  /** Ends the partnership of a user, if there is one. */
  async end(userId: string, transaction: Transaction): Promise<UnsentEvents[]> {
    const partnership = await this.#deps.partnerships.findOf([userId], transaction);
    return partnership === null ? [] : this.#end(partnership, transaction);
  }

  /** Ends the partnership between two users, if there is one. */
  async endBetween(
    [userId, otherId]: readonly [string, string],
    transaction: Transaction,
  ): Promise<UnsentEvents[]> {
    const partnership = await this.#deps.partnerships.findOf([userId], transaction);
    const isBetween = partnership?.userIds.includes(otherId) === true;
    return isBetween ? this.#end(partnership, transaction) : [];
  }

  async #end(partnership: Partnership, transaction: Transaction): Promise<UnsentEvents[]> {
    const timestamp = await this.#nextTimestamp(partnership.userIds, transaction);
    await this.#deps.partnerships.remove(partnership._id, transaction);
    return this.#writeEvents(partnership, { type: 'PARTNER_UNLINKED', timestamp }, transaction);
  }

  /** Later than every event of either user, so that each user receives events in the order of their timestamps. */
  async #nextTimestamp(userIds: readonly string[], transaction: Transaction): Promise<number> {
    let next = this.#deps.now();
    for (const userId of userIds) {
      const status = await this.#deps.statuses.find(userId, transaction);
      next = Math.max(next, (status?.timestamp ?? 0) + 1);
    }
    return next;
  }

  async #writeEvents(
    { linkedAt, userIds }: Partnership,
    { timestamp, type }: Pick<PartnerEvent, 'timestamp'> & { type: LinkEventType },
    transaction: Transaction,
  ): Promise<UnsentEvents[]> {
    const { newId, statuses } = this.#deps;
    const [one, other] = userIds;
    const isLinked = type === 'PARTNER_LINKED';
    const unsent: UnsentEvents[] = [];
    // Sequential, because a transaction uses one connection.
    for (const [userId, otherId] of [[one, other] as const, [other, one] as const]) {
      const change = {
        userId,
        partnerId: isLinked ? otherId : null,
        linkedAt: isLinked ? linkedAt : null,
        timestamp,
        event: { type, partnerId: otherId, timestamp },
        token: newId(),
      };
      unsent.push(await statuses.setPartner(change, transaction));
    }
    return unsent;
  }
}

type LinkEventType = 'PARTNER_LINKED' | 'PARTNER_UNLINKED';

function alreadyLinked(cause?: unknown): AppError {
  return new AppError('already_linked', undefined, { cause });
}
