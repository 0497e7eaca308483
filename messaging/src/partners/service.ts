import type { Transact } from '@parley/backend-common';
import { deletedProfile, type ProfileReader } from '@parley/backend-common/domain';
import { AppError } from '@parley/common';
import type { Partner } from '@parley/common/contract';

import type { StatusRepository } from '../status/repository.ts';
import { toStatus } from '../status/service.ts';
import type { PartnerEventSender } from '../status/partner-event-sender.ts';
import type { Partnerships } from './partnerships.ts';

interface PartnerServiceDeps {
  readonly transact: Transact;
  readonly partnerships: Pick<Partnerships, 'end'>;
  readonly statuses: Pick<StatusRepository, 'find'>;
  readonly sender: Pick<PartnerEventSender, 'send'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
}

/** Shows the partner of a user, and ends the link. */
export class PartnerService {
  readonly #deps: PartnerServiceDeps;

  constructor(deps: PartnerServiceDeps) {
    this.#deps = deps;
  }

  /** The profile and status of the partner. @throws AppError `not_found` without a partner */
  async get(userId: string): Promise<Partner> {
    const { profiles, statuses } = this.#deps;
    const own = await statuses.find(userId);
    const partnerId = own?.partnerId ?? null;
    if (partnerId === null) throw noPartner();
    const [partnerStatus, known] = await Promise.all([
      statuses.find(partnerId),
      profiles.find(partnerId),
    ]);
    return {
      ...(known?.profile ?? deletedProfile(partnerId)),
      ...toStatus(partnerStatus),
      linkedAt: own?.linkedAt ?? 0,
    };
  }

  /** Ends the link of a deleted account, if there is one, and notifies the other user. */
  async endAny(userId: string): Promise<void> {
    const { partnerships, sender, transact } = this.#deps;
    sender.send(await transact((transaction) => partnerships.end(userId, transaction)));
  }

  /** Ends the link for both users and notifies both. @throws AppError `not_found` without a partner */
  async unlink(userId: string): Promise<void> {
    const { partnerships, sender, transact } = this.#deps;
    const unsent = await transact((transaction) => partnerships.end(userId, transaction));
    if (unsent.length === 0) throw noPartner();
    sender.send(unsent);
  }
}

function noPartner(): AppError {
  return new AppError('not_found', 'There is no partner');
}
