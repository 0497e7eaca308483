import { randomFillSync, randomInt } from 'node:crypto';
import { deriveKey, transactionsOf } from '@parley/backend-common';
import { BlockReader, type ProfileReader } from '@parley/backend-common/domain';
import { createIdGenerator } from '@parley/common';

import { BlockRepository } from '../blocks/repository.ts';
import { BlockService } from '../blocks/service.ts';
import type { SocketEvents } from '../conversations/ports.ts';
import { LinkAttemptLimiter } from '../partners/link-attempt-limiter.ts';
import { LinkAttemptRepository } from '../partners/link-attempt-repository.ts';
import { LinkCodeRepository } from '../partners/link-code-repository.ts';
import { LinkService } from '../partners/link-service.ts';
import { PartnerEventSender } from '../partners/partner-event-sender.ts';
import { Partnerships } from '../partners/partnerships.ts';
import type { PartnerEventListener } from '../partners/ports.ts';
import { PartnershipRepository } from '../partners/repository.ts';
import { PartnerService } from '../partners/service.ts';
import { StatusRepository } from '../status/repository.ts';
import { StatusService } from '../status/service.ts';
import { StatusSweep } from '../status/sweep.ts';
import type { Blocking } from './blocks.ts';
import type { Ground } from './ground.ts';

/** The services of statuses, links, partners and blocks. */
export interface Partners {
  readonly status: StatusService;
  readonly links: LinkService;
  readonly partners: PartnerService;
  readonly blocks: BlockService;
}

/** Creates statuses, links, partners and blocks. */
export function createPartners(
  ground: Ground,
  parts: {
    readonly events: SocketEvents;
    readonly profiles: ProfileReader;
    readonly onPartnerEvent: PartnerEventListener;
    readonly blocking: Blocking;
  },
): Partners {
  const { config, databaseTime, metrics, mongo, now, onFault, resources } = ground;
  const newId = createIdGenerator(now, (into) => randomFillSync(into));
  const key = (label: string) => deriveKey(config.secrets.secret, label);
  const statuses = new StatusRepository(mongo.db, databaseTime);
  const repository = new PartnershipRepository(mongo.db);
  const transact = transactionsOf(mongo.client);
  const sender = createSender(ground, { ...parts, statuses });
  const partnerships = new Partnerships({ partnerships: repository, statuses, newId, now });
  const expired = metrics.counter(
    'parley_statuses_expired_total',
    'Statuses reset because they had expired',
  );
  const confirmed = metrics.counter(
    'parley_link_confirmations_total',
    'Attempts to confirm a link code',
    ['result'],
  );
  const sweep = new StatusSweep({
    ...{ statuses, sender, newId, onFault },
    onExpired: (count) => expired.inc(count),
  });
  sweep.start();
  resources.defer('status sweep', () => sweep.stop());
  const shared = { transact, partnerships, statuses, sender, profiles: parts.profiles, newId, now };
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
      attempts: new LinkAttemptLimiter({
        repository: new LinkAttemptRepository(mongo.db),
        key: key('link-guesses'),
        ...{ newId, now },
      }),
      key: key('link-code'),
      random: (below) => randomInt(below),
      onConfirmed: (result) => confirmed.inc({ result }),
    }),
  };
}

function createSender(
  { metrics, onFault, resources }: Ground,
  parts: {
    readonly events: SocketEvents;
    readonly onPartnerEvent: PartnerEventListener;
    readonly statuses: StatusRepository;
  },
): PartnerEventSender {
  const sent = metrics.counter('parley_partner_events_total', 'Partner events sent to users', [
    'type',
  ]);
  const sender = new PartnerEventSender({
    ...parts,
    onFault,
    onEvent: parts.onPartnerEvent,
    onSent: ({ type }) => sent.inc({ type }),
  });
  resources.defer('partner events', () => sender.close());
  return sender;
}
