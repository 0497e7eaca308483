import { randomFillSync, randomInt } from 'node:crypto';
import { BlockReader, deriveKey, transactionsOf, type ProfileReader } from '@parley/backend-common';
import { createIdGenerator } from '@parley/common';

import { BlockRepository } from '../blocks/repository.ts';
import { BlockService } from '../blocks/service.ts';
import type { SocketEvents } from '../conversations/ports.ts';
import { GuessLimits } from '../partners/guess-limits.ts';
import { GuessRepository } from '../partners/guess-repository.ts';
import { LinkCodeRepository } from '../partners/link-code-repository.ts';
import { LinkService } from '../partners/link-service.ts';
import { NewsTeller } from '../partners/news-teller.ts';
import { Partnerships } from '../partners/partnerships.ts';
import type { PartnerNews } from '../partners/ports.ts';
import { PartnershipRepository } from '../partners/repository.ts';
import { PartnerService } from '../partners/service.ts';
import { StatusRepository } from '../status/repository.ts';
import { StatusService } from '../status/service.ts';
import { StatusSweep } from '../status/sweep.ts';
import type { Blocking } from './blocks.ts';
import type { Ground } from './ground.ts';

/** What people say of themselves, whom they are linked with, and with whom they have nothing to do. */
export interface Partners {
  readonly status: StatusService;
  readonly links: LinkService;
  readonly partners: PartnerService;
  readonly blocks: BlockService;
}

/** Puts together statuses, links, partners and blocks. */
export function createPartners(
  ground: Ground,
  parts: {
    readonly events: SocketEvents;
    readonly profiles: ProfileReader;
    readonly news: PartnerNews;
    readonly blocking: Blocking;
  },
): Partners {
  const { config, databaseTime, metrics, mongo, now, onFault, resources } = ground;
  const newId = createIdGenerator(now, (into) => randomFillSync(into));
  const key = (label: string) => deriveKey(config.secrets.secret, label);
  const statuses = new StatusRepository(mongo.db, databaseTime);
  const repository = new PartnershipRepository(mongo.db);
  const transact = transactionsOf(mongo.client);
  const teller = createTeller(ground, { ...parts, statuses });
  const partnerships = new Partnerships({ partnerships: repository, statuses, newId, now });
  const expired = metrics.counter('parley_statuses_expired_total', 'Statuses ended by their time');
  const confirmed = metrics.counter(
    'parley_link_confirmations_total',
    'Tries to confirm a link code',
    ['result'],
  );
  const sweep = new StatusSweep({
    ...{ statuses, teller, newId, onFault },
    onExpired: (count) => expired.inc(count),
  });
  sweep.start();
  resources.defer('status sweep', () => sweep.stop());
  const shared = { transact, partnerships, statuses, teller, profiles: parts.profiles, newId, now };
  return {
    status: new StatusService(shared),
    partners: new PartnerService(shared),
    blocks: new BlockService({
      ...{ ...shared, ...parts.blocking, events: parts.events },
      blocks: new BlockRepository(mongo.db, databaseTime),
    }),
    links: new LinkService({
      ...{ ...shared, repository },
      blocks: new BlockReader(mongo.db),
      codes: new LinkCodeRepository(mongo.db),
      guesses: new GuessLimits({
        repository: new GuessRepository(mongo.db),
        key: key('link-guesses'),
        ...{ newId, now },
      }),
      key: key('link-code'),
      random: (below) => randomInt(below),
      onConfirmed: (result) => confirmed.inc({ result }),
    }),
  };
}

function createTeller(
  { metrics, onFault, resources }: Ground,
  parts: {
    readonly events: SocketEvents;
    readonly news: PartnerNews;
    readonly statuses: StatusRepository;
  },
): NewsTeller {
  const told = metrics.counter('parley_partner_events_total', 'What people heard of partners', [
    'type',
  ]);
  const teller = new NewsTeller({ ...parts, onFault, onTold: ({ type }) => told.inc({ type }) });
  resources.defer('news of partners', () => teller.close());
  return teller;
}
