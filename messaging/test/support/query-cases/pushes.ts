import { LeaseQueue } from '@parley/backend-common';
import type { QueryCases, TestMongo } from '@parley/backend-common/testing';

import { DeviceRepository } from '../../../src/devices/repository.ts';
import { MembershipEntryRepository } from '../../../src/push/heartbeat/membership-entry-repository.ts';
import { RunningNodeRepository } from '../../../src/delivery/change-stream/running-node-repository.ts';
import { NodeRepository, type NodeDocument } from '../../../src/push/heartbeat/node-repository.ts';
import { MessageRepository } from '../../../src/push/message-repository.ts';
import { OutboxRepository, type LeasedPush } from '../../../src/push/outbox/outbox-repository.ts';
import type { PushDocument } from '../../../src/push/outbox/push-document.ts';
import type { Somebody } from '../crowd.ts';
import { newId } from '../test-log.ts';

/** Repositories of devices and pushes. */
export function pushCases(
  { db }: TestMongo,
  { conversationId, messageId, otherId, userId }: Somebody,
) {
  const devices = new DeviceRepository(db);
  const messages = new MessageRepository(db);
  const changes = new MembershipEntryRepository(db);
  const range = { userId: otherId, after: 0, upTo: 9, limit: 5 };
  const nodes = new NodeRepository(db, newId());
  const running = new RunningNodeRepository(db);
  const crashed = {
    ...{ id: newId(), flushedTo: 1, aliveUntil: new Date() },
    lease: { id: newId(), token: 'me', until: null, document: {} as NodeDocument },
  };
  const session = { userId, sessionId: newId(), token: newId() };
  const device = { _id: newId(), ...session, platform: 'android', createdAt: 1 } as const;
  const queue = new LeaseQueue(db.collection<PushDocument>('push_outbox'), {
    ...{ name: 'pushes', duration: 1_000 },
    fields: { due: 'dueAt', token: 'claim', attempts: 'attempts' },
  });
  return {
    'backend-common/src/work/lease-queue.ts': queueCases(queue, userId),
    'messaging/src/devices/repository.ts': {
      ofUsers: () => devices.ofUsers([userId]),
      usersWithDevice: { call: () => devices.usersWithDevice([userId, newId()]), docs: 0 },
      put: () => devices.put(device),
      removeOfSession: () => devices.removeOfSession(newId(), newId()),
      removeOfSessions: () => devices.removeOfSessions([newId(), newId()]),
      removeInvalid: () => devices.removeInvalid(newId(), newId()),
      page: () => devices.page(userId, 5),
      count: () => devices.count(),
    } satisfies QueryCases<DeviceRepository>,
    'messaging/src/push/heartbeat/node-repository.ts': {
      keepAlive: () => nodes.keepAlive(1),
      takeOver: () => nodes.takeOver(),
      remove: () => nodes.remove(crashed),
      leave: () => nodes.leave(),
    } satisfies QueryCases<NodeRepository>,
    'messaging/src/delivery/change-stream/running-node-repository.ts': {
      ids: () => running.ids(0),
    } satisfies QueryCases<RunningNodeRepository>,
    'messaging/src/push/heartbeat/membership-entry-repository.ts': {
      // The next two changes of members or title are those of the next conversation.
      // It reads the six messages in front of them too, because the index does not have the kind.
      acceptedBetween: { call: () => changes.acceptedBetween(messageId, newId(), 2), docs: 8 },
    } satisfies QueryCases<MembershipEntryRepository>,
    'messaging/src/push/message-repository.ts': {
      unread: () => messages.unread(conversationId, range),
      acceptedBetween: () => messages.acceptedBetween(messageId, newId(), 5),
    } satisfies QueryCases<MessageRepository>,
    'messaging/src/push/outbox/outbox-repository.ts': outboxCases(
      new OutboxRepository(db, { interval: 0 }),
      {
        conversationId,
        userId,
      },
    ),
  };
}

function queueCases(
  queue: LeaseQueue<PushDocument>,
  userId: string,
): QueryCases<LeaseQueue<PushDocument>> {
  const lease = { id: `${userId}:x`, token: 'me', until: null };
  const leased = { ...lease, document: {} as PushDocument };
  return {
    claim: () => queue.claim(5),
    take: () => queue.take(lease.id),
    leaseFields: () => Promise.resolve(queue.leaseFields('me')),
    renew: () => queue.renew([lease]),
    hold: () => queue.hold(lease, () => Promise.resolve()),
    finish: () => queue.finish(lease),
    finishAll: () => queue.finishAll([lease]),
    postpone: () => queue.postpone(lease, 5),
    remove: () => queue.remove(lease),
    retry: () => queue.retry(leased),
    isLastAttempt: () => Promise.resolve(queue.isLastAttempt(leased)),
    giveUp: () => queue.giveUp(lease),
    measureDepth: {
      call: () => queue.measureDepth(100),
      keys: 101,
      docs: 0,
    },
  };
}

function outboxCases(
  outbox: OutboxRepository,
  { conversationId, userId }: Pick<Somebody, 'conversationId' | 'userId'>,
): QueryCases<OutboxRepository> {
  const document = { seq: 1, attempts: 1 } as PushDocument;
  const leased: LeasedPush = { id: `${userId}:x`, token: 'me', until: null, document };
  const item = { userId, conversationId, seq: 5, isAway: true };
  return {
    schedule: () => outbox.schedule([item]),
    claim: () => outbox.claim(5),
    hold: () => outbox.hold(leased, () => Promise.resolve()),
    isLastAttempt: () => Promise.resolve(outbox.isLastAttempt(leased)),
    end: () => outbox.end(leased, { kind: 'dropped' }),
    cleared: () => outbox.cleared(leased),
    takenBack: () => outbox.takenBack({ ...leased, document: { ...document, deletedSeq: 1 } }),
    recordDeleted: () => outbox.recordDeleted([{ conversationId, seq: 1, userIds: [userId] }]),
    recordRead: () => outbox.recordRead([{ userId, conversationId, seq: 1, sessionId: 's' }]),
    of: () => outbox.of(conversationId, [userId, newId()]),
    // Counted to 100.
    waiting: { call: () => outbox.waiting(100), keys: 101, docs: 0 },
  };
}
