import { deletedProfile, type ProfileReader, type Transact } from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Partner } from '@parley/common/contract';

import type { StatusRepository } from '../status/repository.ts';
import { toStatus } from '../status/service.ts';
import type { NewsTeller } from './news-teller.ts';
import type { Partnerships } from './partnerships.ts';

interface PartnerServiceDeps {
  readonly transact: Transact;
  readonly partnerships: Pick<Partnerships, 'end'>;
  readonly statuses: Pick<StatusRepository, 'find'>;
  readonly teller: Pick<NewsTeller, 'tell'>;
  readonly profiles: Pick<ProfileReader, 'find'>;
}

/** The one person somebody is linked with. */
export class PartnerService {
  readonly #deps: PartnerServiceDeps;

  constructor(deps: PartnerServiceDeps) {
    this.#deps = deps;
  }

  /** The partner as things stand. @throws AppError `not_found` */
  async get(userId: string): Promise<Partner> {
    const { profiles, statuses } = this.#deps;
    const own = await statuses.find(userId);
    const partnerId = own?.partnerId ?? null;
    if (partnerId === null) throw noPartner();
    const [standing, known] = await Promise.all([
      statuses.find(partnerId),
      profiles.find(partnerId),
    ]);
    return {
      ...(known?.profile ?? deletedProfile(partnerId)),
      ...toStatus(standing),
      linkedAt: own?.linkedAt ?? 0,
    };
  }

  /** Ends the link, for both, and tells both. @throws AppError `not_found` */
  async unlink(userId: string): Promise<void> {
    const { partnerships, teller, transact } = this.#deps;
    const untold = await transact((transaction) => partnerships.end(userId, transaction));
    if (untold.length === 0) throw noPartner();
    teller.tell(untold);
  }
}

function noPartner(): AppError {
  return new AppError('not_found', 'There is no partner');
}
