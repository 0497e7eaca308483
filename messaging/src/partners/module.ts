import { randomInt } from 'node:crypto';
import { deriveKey } from '@parley/backend-common';
import { BlockReader, type ProfileReader } from '@parley/backend-common/domain';

import type { Config } from '../config.ts';
import type { Infrastructure } from '../infrastructure.ts';
import type { Module } from '../module.ts';
import type { StatusModule } from '../status/module.ts';
import { LinkAttemptLimiter } from './link-attempt-limiter.ts';
import { LinkAttemptRepository } from './link-attempt-repository.ts';
import { LinkCodeRepository } from './link-code-repository.ts';
import { LinkCodeHasher } from './link-code.ts';
import { LinkService } from './link-service.ts';
import { partnerHandlers, type PartnerOperation } from './operations.ts';
import { Partnerships } from './partnerships.ts';
import { PartnershipRepository } from './repository.ts';
import { PartnerService } from './service.ts';

export interface PartnersModuleDeps {
  readonly infrastructure: Pick<Infrastructure, 'db' | 'metrics' | 'newId' | 'now' | 'transact'> & {
    readonly config: Pick<Config, 'secrets'>;
  };
  readonly status: Pick<StatusModule, 'statuses' | 'sender'>;
  readonly profiles: { readonly profiles: ProfileReader };
}

export interface PartnersModule extends Module<PartnerOperation> {
  readonly partnerships: Partnerships;
  readonly partners: PartnerService;
}

/** Links and unlinks two users as partners. */
export function createPartnersModule(deps: PartnersModuleDeps): PartnersModule {
  const { secrets } = deps.infrastructure.config;
  const { profiles } = deps.profiles;
  const { statuses, sender } = deps.status;
  const { db, metrics, newId, now, transact } = deps.infrastructure;
  const repository = new PartnershipRepository(db);
  const partnerships = new Partnerships({ partnerships: repository, statuses, newId, now });
  const confirmed = metrics.counter(
    'parley_link_confirmations_total',
    'Attempts to confirm a link code, by result',
    { result: ['linked', 'wrong', 'already_linked', 'failed'] },
  );
  const attempts = new LinkAttemptLimiter({
    repository: new LinkAttemptRepository(db),
    key: deriveKey(secrets.secret, 'link-guesses'),
    newId,
    now,
  });
  const links = new LinkService({
    transact,
    codes: new LinkCodeRepository(db),
    repository,
    partnerships,
    blocks: new BlockReader(db),
    attempts,
    sender,
    profiles,
    hasher: new LinkCodeHasher(secrets),
    random: (below) => randomInt(below),
    now,
    onConfirmed: (result) => confirmed.inc({ result }),
  });
  const partners = new PartnerService({ transact, partnerships, statuses, sender, profiles });
  return {
    name: 'partners',
    handlers: partnerHandlers({ links, partners }),
    partnerships,
    partners,
  };
}
