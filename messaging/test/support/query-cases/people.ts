import { transactionsOf, type Transaction } from '@parley/backend-common';
import { BlockReader } from '@parley/backend-common/domain';
import type { QueryCases, TestMongo } from '@parley/backend-common/testing';

import { RemovalQueueRepository } from '../../../src/account-removal/queue-repository.ts';
import { BlockRepository } from '../../../src/blocks/repository.ts';
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
