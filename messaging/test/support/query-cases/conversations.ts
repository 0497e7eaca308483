import type { Db } from 'mongodb';
import type { QueryCases, TestMongo } from '@parley/backend-common/testing';

import type { AttachmentRepository } from '../../../src/attachments/attachment-repository.ts';
import { MessageAttachmentRepository } from '../../../src/attachments/message-attachment-repository.ts';
import type { AttachmentDocument } from '../../../src/attachments/attachment-document.ts';
import { createAttachmentRepositories } from '../../../src/attachments/repositories.ts';
import type { DueAttachment, SweepRepository } from '../../../src/attachments/sweep-repository.ts';
import type {
  UploadCheck,
  UploadCheckRepository,
} from '../../../src/attachments/upload-check-repository.ts';
import { ConversationRepository } from '../../../src/conversations/conversation-repository.ts';
import { MemberRepository } from '../../../src/conversations/member-repository.ts';
import { RoomRepository } from '../../../src/delivery/room-repository.ts';
import { MemberChangeRepository } from '../../../src/sync/member-change-repository.ts';
import type { Somebody } from '../crowd.ts';
import { newId } from '../test-log.ts';

/** Repositories of conversations, members and attachments. */
export function conversationCases({ db }: TestMongo, somebody: Somebody) {
  const { conversationId, messageId, userId } = somebody;
  const messages = new MessageAttachmentRepository(db);
  const rooms = new RoomRepository(db);
  const memberChanges = new MemberChangeRepository(db);
  return {
    'messaging/src/conversations/conversation-repository.ts': conversations(
      new ConversationRepository(db),
      somebody,
    ),
    'messaging/src/conversations/member-repository.ts': members(new MemberRepository(db), somebody),
    'messaging/src/delivery/room-repository.ts': {
      conversationIdsOf: { call: () => rooms.conversationIdsOf(userId), docs: 0 },
    } satisfies QueryCases<RoomRepository>,
    'messaging/src/sync/member-change-repository.ts': {
      changedSince: { call: () => memberChanges.changedSince(userId, 0, 10), docs: 0 },
      time: () => memberChanges.time(),
    } satisfies QueryCases<MemberChangeRepository>,
    'messaging/src/attachments/message-attachment-repository.ts': {
      attachmentIdsOf: () => messages.attachmentIdsOf({ conversationId, messageIds: [messageId] }),
      showThumbnail: () =>
        messages.showThumbnail({ conversationId, messageId, attachmentId: newId() }),
    } satisfies QueryCases<MessageAttachmentRepository>,
    ...attachmentCases(db, somebody),
  };
}

function conversations(
  repository: ConversationRepository,
  { conversationId, otherId, userId }: Somebody,
): QueryCases<ConversationRepository> {
  const founding = { createdBy: userId, createdAt: 0, founders: [userId], founderTitle: 'T' };
  const group = { _id: newId(), kind: 'group', clientId: newId(), ...founding } as const;
  const projected = { from: 2, seq: 3, title: 'T', memberCount: 2 };
  const summary = { lastSeq: 2, lastAt: 2 };
  return {
    find: () => repository.find(conversationId),
    findMany: () => repository.findMany([conversationId, newId()]),
    projectedThrough: () => repository.projectedThrough([conversationId, newId()]),
    findDirect: () => repository.findDirect(`${userId}:${otherId}`),
    findCreated: () => repository.findCreated(userId, 'k1000'),
    createOnce: () => repository.createOnce(group),
    activity: { call: () => repository.activity([conversationId, newId()]), docs: 0 },
    latest: {
      call: () =>
        repository.latest([conversationId, newId()], {
          ...{ before: { conversationId: newId(), lastAt: Date.now() }, limit: 2 },
        }),
      docs: 0,
    },
    setProjected: () => repository.setProjected(conversationId, projected),
    raiseFolded: () => repository.raiseFolded(conversationId, 3),
    raiseSummaries: () => repository.raiseSummaries(new Map([[conversationId, summary]])),
    markErased: () => repository.markErased(group._id, { at: 1, seq: 1 }),
    findErased: () => repository.findErased({ before: 5, limit: 10 }),
    remove: () => repository.remove(newId()),
  };
}

function members(
  repository: MemberRepository,
  { conversationId, otherId, userId }: Somebody,
): QueryCases<MemberRepository> {
  const key = { conversationId, userId };
  const joined = { ...key, seq: 9, member: { role: null, joinedSeq: 1, joinedAt: 0 } };
  return {
    find: () => repository.find(conversationId, userId),
    findOwn: () => repository.findOwn(userId, [conversationId]),
    findMarks: () => repository.findMarks([key]),
    progressOf: () => repository.progressOf(conversationId),
    receiptsOf: () => repository.receiptsOf([conversationId]),
    conversationIdsOf: { call: () => repository.conversationIdsOf(userId), docs: 0 },
    pageOf: () => repository.pageOf(userId, { after: '0', limit: 10 }),
    allOf: () => repository.allOf(userId),
    pinnedIdsOf: { call: () => repository.pinnedIdsOf(userId), docs: 0 },
    countsOf: { call: () => repository.countsOf([userId, otherId]), docs: 0 },
    project: () => repository.project([joined]),
    raiseMarks: () => repository.raiseMarks([{ ...key, deliveredSeq: 3 }]),
    changeSettings: () => repository.changeSettings(conversationId, userId, { pinned: true }),
    removeAll: () => repository.removeAll(newId()),
  };
}

function attachmentCases(db: Db, { conversationId, userId }: Somebody) {
  const one = {
    ...{ _id: `${conversationId}-a`, conversationId, ownerId: userId, state: 'uploading' },
    ...{ name: 'a', contentType: 'text/plain', size: 1, kind: 'file', createdAt: 0 },
    ...{ width: null, height: null, durationMs: null, urlsEndAt: 0, thumbnail: 'none' },
  } as const satisfies AttachmentDocument;
  const leased = { id: one._id, token: 'other', until: 5, document: one };
  const repositories = createAttachmentRepositories(db, { now: () => 9 });
  return {
    'messaging/src/attachments/attachment-repository.ts': attachments(
      repositories.attachments,
      one,
    ),
    'messaging/src/attachments/upload-check-repository.ts': checks(repositories.checks, leased),
    'messaging/src/attachments/sweep-repository.ts': due(repositories.due, leased),
  };
}

function attachments(
  repository: AttachmentRepository,
  one: AttachmentDocument,
): QueryCases<AttachmentRepository> {
  const { _id: attachmentId, conversationId, ownerId } = one;
  const wanted = { attachmentId, conversationId, ownerId, clientId: 'key' };
  return {
    find: () => repository.find(one._id),
    usedSlots: () => repository.usedSlots(ownerId),
    insert: () => repository.insert({ ...one, _id: newId(), slot: 1, dueAt: 5 }),
    startUploading: () => repository.startUploading(one._id, 'upload'),
    extendUrls: () => repository.extendUrls(one._id, 7),
    reserve: () => repository.reserve(wanted, 1),
    extendReservation: () => repository.extendReservation(wanted, 2),
    release: () => repository.release(one._id, 'other'),
    markSent: () => repository.markSent({ ...one, clientId: 'key', thumbnail: 'due' }, newId()),
    recordThumbnail: () => repository.recordThumbnail({ ...one, state: 'sent' }, 'made'),
    startDeleting: () => repository.startDeleting(newId(), ['ready'], 1),
    startDeletingReserved: () => repository.startDeletingReserved(one, 1),
    startDeletingAll: () => repository.startDeletingAll([newId()], 1),
    startDeletingOfConversation: () => repository.startDeletingOfConversation(newId(), 1),
    startDeletingUnsentOf: () => repository.startDeletingUnsentOf(newId(), 1),
  };
}

function checks(
  repository: UploadCheckRepository,
  leased: UploadCheck,
): QueryCases<UploadCheckRepository> {
  const checked = {
    contentType: 'text/plain',
    kind: 'file',
    width: null,
    height: null,
    thumbnail: 'due',
    readyAt: 1,
  } as const;
  return {
    start: () => repository.start(leased.document, 'key'),
    hold: () => repository.hold(leased, () => Promise.resolve()),
    abandon: () => repository.abandon(leased),
    fail: () => repository.fail(leased, 1),
    pass: () => repository.pass(leased, checked),
  };
}

function due(repository: SweepRepository, leased: DueAttachment): QueryCases<SweepRepository> {
  return {
    claim: () => repository.claim(),
    reschedule: () => repository.reschedule(leased, undefined),
    forgetLeftovers: () => repository.forgetLeftovers(leased),
    remove: () => repository.remove(leased),
  };
}
