import type { QueryCases, TestMongo } from '@parley/backend-common/testing';

import { LogLagRepository } from '../../../src/conversations/log-lag-repository.ts';
import { UnreadRepository } from '../../../src/conversations/unread-repository.ts';
import type { DeletionDocument, MessageDocument } from '../../../src/log/entry-document.ts';
import { EntryRepository, type EntryRange } from '../../../src/log/entry-repository.ts';
import { CursorRepository } from '../../../src/sync/cursor-repository.ts';
import { ENTRIES, type Somebody } from '../crowd.ts';
import { newId } from '../test-log.ts';

/** Repositories that read entries and what follows them. */
export function logCases({ db }: TestMongo, somebody: Somebody) {
  const { conversationId, otherId, userId } = somebody;
  const cursors = new CursorRepository(db, Date.now);
  const lag = new LogLagRepository(db);
  const unread = new UnreadRepository(db);
  const place = { _id: conversationId, membersSeq: 0, foldedSeq: 0 };
  const elsewhere = { ...place, _id: newId() };
  const ranges = [
    { conversationId, after: 0, upTo: ENTRIES },
    { conversationId: newId(), after: 0, upTo: ENTRIES },
  ];
  const cases = {
    'messaging/src/log/entry-repository.ts': entryCases(new EntryRepository(db), somebody),
    'messaging/src/conversations/log-lag-repository.ts': {
      membersBehind: { call: () => lag.membersBehind([place, elsewhere]), docs: 2 },
      foldsBehind: () => lag.foldsBehind([place, elsewhere]),
    } satisfies QueryCases<LogLagRepository>,
    'messaging/src/conversations/unread-repository.ts': {
      lastMessages: () => unread.lastMessages(ranges),
      // Grouped: each entry of the ranges is read for one number.
      countUnread: { call: () => unread.countUnread(otherId, ranges), keys: ENTRIES + 2 },
      // Counted: each entry after the mark is read for one number.
      countUpToLimit: {
        call: () =>
          unread.countUpToLimit(conversationId, { userId: otherId, after: 0, limit: 100 }),
        keys: ENTRIES + 1,
      },
    } satisfies QueryCases<UnreadRepository>,
    'messaging/src/sync/cursor-repository.ts': {
      of: () => cursors.of(userId),
      find: () => cursors.find(userId, conversationId),
      findMany: () => cursors.findMany(userId, [conversationId, newId()]),
      begin: () =>
        cursors.begin(newId(), new Map([[conversationId, 1]]), {
          isBegun: false,
          byConversation: new Map([[newId(), 1]]),
        }),
      raise: () => cursors.raise(userId, conversationId, 5),
      advance: () => cursors.advance(userId, conversationId, 6),
    } satisfies QueryCases<CursorRepository>,
  };
  return cases;
}

function entryCases(
  entries: EntryRepository,
  { conversationId, messageId, userId }: Somebody,
): QueryCases<EntryRepository> {
  const range: EntryRange = { after: 0, before: 5, limit: 50, from: 'oldest' };
  const newest: EntryRange = { after: 0, limit: 3, from: 'newest' };
  const message: MessageDocument = {
    ...{ _id: newId(), conversationId: newId(), seq: 1, kind: 'message', senderId: userId },
    ...{ clientId: newId(), at: 1, text: 'Hello', replyTo: null },
  };
  const deletion = { conversationId, messageId: newId(), seq: 9, at: 1 } as DeletionDocument;
  return {
    insertRun: () => entries.insertRun([message]),
    findByClientKey: () =>
      entries.findByClientKey({ conversationId, senderId: userId, clientId: 'k4' }),
    findByClientKeys: () =>
      entries.findByClientKeys(conversationId, [
        { senderId: userId, clientId: 'k4' },
        { senderId: newId(), clientId: 'k5' },
      ]),
    findDeletionOf: () => entries.findDeletionOf(conversationId, newId()),
    findMessage: () => entries.findMessage(conversationId, messageId),
    findMessages: () => entries.findMessages(conversationId, [messageId, newId()]),
    tail: () => entries.tail(conversationId),
    tails: { call: () => entries.tails([conversationId, newId()]), docs: 0 },
    range: () => entries.range(conversationId, range),
    messageRange: () => entries.messageRange(conversationId, newest),
    writtenRange: () => entries.writtenRange(conversationId, range),
    membershipUpTo: () => entries.membershipUpTo(conversationId, 9),
    operationsBetween: () => entries.operationsBetween(conversationId, { after: 0, upTo: 9 }),
    redact: () => entries.redact([deletion]),
    removeBefore: () => entries.removeBefore(newId(), 5),
  };
}
