import {
  Metrics,
  QueueMetrics,
  transactionsOf,
  type Db,
  type Transaction,
} from '@parley/backend-common';
import { BlockReader } from '@parley/backend-common/domain';
import type { QueryCases, TestMongo } from '@parley/backend-common/testing';

import { RemovalQueueRepository } from '../../../src/account-removal/queue-repository.ts';
import { BlockRepository } from '../../../src/blocks/repository.ts';
import { noCounts } from '../../../src/engagement/day-counts.ts';
import { DayRepository } from '../../../src/engagement/day-repository.ts';
import { RollUpLease } from '../../../src/engagement/roll-up-lease.ts';
import { ContactRepository } from '../../../src/conversations/contact-repository.ts';
import { InvitationRepository } from '../../../src/conversations/invitation-repository.ts';
import { LinkCodeRepository } from '../../../src/partners/link-code-repository.ts';
import { PartnershipRepository } from '../../../src/partners/repository.ts';
import { StatusRepository } from '../../../src/status/repository.ts';
import type { Somebody } from '../crowd.ts';
import { newId } from '../test-log.ts';

/** Repositories of contacts, blocks, links and statuses. */
export function peopleCases(
  { client, db }: TestMongo,
  { conversationId, otherId, userId }: Somebody,
) {
  const within = (work: (transaction: Transaction) => Promise<unknown>) =>
    transactionsOf(client)(work);
  const contacts = new ContactRepository(db);
  const invitations = new InvitationRepository(db);
  const invitation = { conversationId, addedBy: userId, kind: 'group', at: 1 } as const;
  const blocks = new BlockRepository(db);
  const codes = new LinkCodeRepository(db);
  const partnerships = new PartnershipRepository(db);
  const reader = new BlockReader(db);
  return {
    'messaging/src/account-removal/queue-repository.ts': removalCases(
      new RemovalQueueRepository(db),
      userId,
    ),
    'messaging/src/conversations/contact-repository.ts': {
      directsWith: () => contacts.directsWith(userId, [otherId, newId()]),
      knowing: () => contacts.knowing(userId, [otherId, newId()]),
      hasWritten: () => contacts.hasWritten(conversationId, userId),
      markMutual: () => contacts.markMutual([conversationId]),
    } satisfies QueryCases<ContactRepository>,
    'messaging/src/conversations/invitation-repository.ts': {
      store: () => invitations.store([{ ...invitation, userId: newId() }]),
      unansweredOf: { call: () => invitations.unansweredOf([otherId, newId()]), docs: 0 },
      groupsOf: { call: () => invitations.groupsOf(userId, [otherId, newId()]), docs: 0 },
      countSince: { call: () => invitations.countSince(userId, 0, 10), docs: 0 },
      listUnanswered: (): Promise<unknown> => invitations.listUnanswered(otherId, 'group', 9),
      declinedAmong: () => invitations.declinedAmong(conversationId, [otherId]),
      decline: () => invitations.decline(conversationId, newId(), new Date()),
      remove: () => invitations.remove([conversationId], [newId()]),
    } satisfies QueryCases<InvitationRepository>,
    'messaging/src/blocks/repository.ts': {
      list: () => blocks.list(userId),
      has: () => within((transaction) => blocks.has(userId, otherId, transaction)),
      count: () => within((transaction) => blocks.count(userId, transaction)),
      add: () =>
        within((transaction) =>
          blocks.add({ userId, blockedId: newId(), blockedAt: 2 }, transaction),
        ),
      remove: () => blocks.remove(userId, otherId),
    } satisfies QueryCases<BlockRepository>,
    'backend-common/src/domain/blocks/block-repository.ts': {
      relationsOf: { call: () => reader.relationsOf([userId, otherId]), docs: 0 },
      among: () => reader.among(userId, [otherId, newId()]),
      changedSince: { call: () => reader.changedSince(Date.now() + 60_000), docs: 0 },
    } satisfies QueryCases<BlockReader>,
    ...engagementCases(db),
    'messaging/src/partners/link-code-repository.ts': {
      replace: () => codes.replace(userId, [userId], Date.now()),
      ownerOf: () => within((transaction) => codes.ownerOf([otherId], 1, transaction)),
      remove: () => within((transaction) => codes.remove([newId()], transaction)),
    } satisfies QueryCases<LinkCodeRepository>,
    'messaging/src/partners/repository.ts': {
      findOf: () => partnerships.findOf([userId, newId()]),
      create: () =>
        within((transaction) =>
          partnerships.create(
            { _id: newId(), userIds: [newId(), newId()], linkedAt: 1 },
            transaction,
          ),
        ),
      remove: () => within((transaction) => partnerships.remove(newId(), transaction)),
    } satisfies QueryCases<PartnershipRepository>,
    'messaging/src/status/repository.ts': statusCases(new StatusRepository(db), userId, within),
  };
}

function engagementCases(db: Db) {
  const days = new DayRepository(db);
  const metrics = new QueueMetrics(new Metrics('test'));
  const lease = new RollUpLease(db, { time: () => '$$NOW', metrics });
  const day = { _id: 20_000, complete: true, ...noCounts(), newPeople: 1, conversations: 1 };
  return {
    'messaging/src/engagement/day-repository.ts': {
      between: () => days.between(1, 366),
      peopleOf: () => days.peopleOf(20_000),
      conversationsOf: () => days.conversationsOf(20_000),
      countsOf: () => days.countsOf(20_000),
      store: () => days.store({ ...day, active: { day: 1, week: 1, month: 1 } }),
      storeReturned: () => days.storeReturned(20_000, { day1: 1, day7: 1 }),
      removeRecords: () => days.removeRecords(20_000),
    } satisfies QueryCases<DayRepository>,
    'messaging/src/engagement/roll-up-lease.ts': {
      run: () => lease.run(1_000, () => Promise.resolve()),
    } satisfies QueryCases<RollUpLease>,
  };
}

function removalCases(
  removals: RemovalQueueRepository,
  userId: string,
): QueryCases<RemovalQueueRepository> {
  const leased = { id: userId, token: 'me', until: null, document: { _id: userId, since: 1 } };
  return {
    add: () => removals.add([{ userId, since: 1 }]),
    claim: () => removals.claim(5),
    hold: () => removals.hold(leased, () => Promise.resolve()),
    postpone: () => removals.postpone(leased, 1_000),
    retry: () => removals.retry(leased),
    remove: () => removals.remove(leased),
  };
}

function statusCases(
  statuses: StatusRepository,
  userId: string,
  within: (work: (transaction: Transaction) => Promise<unknown>) => Promise<unknown>,
): QueryCases<StatusRepository> {
  const ended = { status: 'AVAILABLE', statusExpiration: null } as const;
  const event = { type: 'PARTNER_STATUS_CHANGED', ...ended, partnerId: userId } as const;
  const linked = { partnerId: null, linkedAt: null, timestamp: 2, token: 'me' };
  const change = { ...linked, userId, event: { ...event, timestamp: 2 } };
  return {
    find: () => statuses.find(userId),
    set: () => statuses.set(userId, ended, 'me'),
    due: () => statuses.due(5),
    expire: () => statuses.expire([newId()], 'me'),
    setPartner: () => within((transaction) => statuses.setPartner(change, transaction)),
    lock: () => within((transaction) => statuses.lock([userId], transaction)),
    partnerOf: () => statuses.partnerOf(userId),
    markSent: () => statuses.markSent([{ userId, token: 'me' }]),
    claimUnsent: () => statuses.claimUnsent(5),
  };
}
