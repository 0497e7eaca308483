import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import type { AttachmentDocument } from '../../src/attachments/attachment-document.ts';
import type { AttachmentRepository } from '../../src/attachments/attachment-repository.ts';
import { MessageAttachmentRepository } from '../../src/attachments/message-attachment-repository.ts';
import { QuotaRepository } from '../../src/attachments/quota-repository.ts';
import {
  createAttachmentRepositories,
  type AttachmentRepositories,
} from '../../src/attachments/repositories.ts';
import type { SweepRepository } from '../../src/attachments/sweep-repository.ts';
import type { UploadCheckRepository } from '../../src/attachments/upload-check-repository.ts';
import { profiled, type Calls } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

const [ann, conversationId] = [newId(), newId()];

function attachment(change: Partial<AttachmentDocument> = {}): AttachmentDocument {
  return {
    ...{
      _id: newId(),
      conversationId,
      ownerId: ann,
      name: 'a',
      contentType: 'text/plain',
      size: 1,
    },
    ...{ kind: 'file', width: null, height: null, durationMs: null, createdAt: 0 },
    ...{ state: 'uploading', urlsEndAt: 0, thumbnail: 'none', incomingKey: newId() },
    ...change,
  };
}

describe('queries on attachments', () => {
  let mongo: TestMongo;
  let repositories: AttachmentRepositories;
  let messages: MessageAttachmentRepository;
  let quotas: QuotaRepository;
  const one = attachment({ slot: 0, dueAt: 5 });
  before(async () => {
    mongo = await testDatabase();
    repositories = createAttachmentRepositories(mongo.db, { now: () => 9 });
    messages = new MessageAttachmentRepository(mongo.db);
    quotas = new QuotaRepository(mongo.db);
    await mongo.db
      .collection<AttachmentDocument>('attachments')
      .insertMany([
        one,
        ...Array.from({ length: 50 }, () =>
          attachment({ conversationId: newId(), ownerId: newId(), state: 'sent' }),
        ),
      ]);
    await quotas.take({ userId: ann, bytes: 1, at: 0 }, 10);
    await mongo.db.command({ profile: 2 });
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  const leased = { id: one._id, token: 'other', until: 5, document: one };
  const wanted = { attachmentId: one._id, conversationId, ownerId: ann, clientId: 'key' };
  const checked = {
    contentType: 'text/plain',
    kind: 'file',
    width: null,
    height: null,
    thumbnail: 'due',
    readyAt: 1,
  } as const;
  /** The calls name every method: a new query without its line here does not compile. */
  const attachmentCalls = ({
    attachments,
  }: AttachmentRepositories): Calls<AttachmentRepository> => ({
    find: () => attachments.find(one._id),
    usedSlots: () => attachments.usedSlots(ann),
    insert: () => attachments.insert(attachment()),
    startUploading: () => attachments.startUploading(one._id, 'upload'),
    extendUrls: () => attachments.extendUrls(one._id, 7),
    reserve: () => attachments.reserve(wanted, 1),
    extendReservation: () => attachments.extendReservation(wanted, 2),
    release: () => attachments.release(one._id, 'other'),
    markSent: () => attachments.markSent({ ...one, clientId: 'key', thumbnail: 'due' }, newId()),
    recordThumbnail: () => attachments.recordThumbnail({ ...one, state: 'sent' }, 'made'),
    startDeleting: () => attachments.startDeleting(newId(), ['ready'], 1),
    startDeletingReserved: () => attachments.startDeletingReserved(one, 1),
    startDeletingAll: () => attachments.startDeletingAll([newId()], 1),
    startDeletingOfConversation: () => attachments.startDeletingOfConversation(newId(), 1),
    startDeletingUnsentOf: () => attachments.startDeletingUnsentOf(newId(), 1),
  });
  const checkCalls = ({ checks }: AttachmentRepositories): Calls<UploadCheckRepository> => ({
    start: () => checks.start(one, 'key'),
    hold: () => checks.hold(leased, () => checks.abandon(leased)),
    abandon: () => checks.abandon(leased),
    fail: () => checks.fail(leased, 1),
    pass: () => checks.pass(leased, checked),
  });
  const sweepCalls = ({ due }: AttachmentRepositories): Calls<SweepRepository> => ({
    claim: () => due.claim(),
    reschedule: () => due.reschedule(leased, undefined),
    forgetLeftovers: () => due.forgetLeftovers(leased),
    remove: () => due.remove(leased),
  });
  const messageCalls = (): Calls<MessageAttachmentRepository> => ({
    attachmentIdsOf: () =>
      messages.attachmentIdsOf({ conversationId, messageIds: [newId(), newId()] }),
    showThumbnail: () =>
      messages.showThumbnail({ conversationId, messageId: newId(), attachmentId: one._id }),
  });
  const quotaCalls = (): Calls<QuotaRepository> => ({
    take: () => quotas.take({ userId: ann, bytes: 1, at: 0 }, 10),
    giveBack: () => quotas.giveBack({ userId: ann, bytes: 1, at: 0 }),
  });

  it('use an index and examine few documents', async () => {
    const calls = [
      ...[attachmentCalls, checkCalls, sweepCalls].map((callsOf) => callsOf(repositories)),
      ...[messageCalls(), quotaCalls()],
    ];
    for (const [name, call] of calls.flatMap((each) => Object.entries(each))) {
      const ours = await profiled(mongo, /\.(attachment|entries)/, call);
      assert.ok(ours.length > 0, name);
      for (const { docsExamined = 0, op, planSummary = '' } of ours) {
        if (op === 'insert') continue;
        assert.match(planSummary, /^(IXSCAN|IDHACK)/, `${name}: ${planSummary}`);
        assert.ok(docsExamined <= 2, `${name} examines ${docsExamined}`);
      }
    }
  });
});
