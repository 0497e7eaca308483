import type { Db, Document } from 'mongodb';

import { newId } from './test-log.ts';

/** Conversations of a crowd by default, each with two members. */
const CONVERSATIONS = 10_000;
/** Documents in the other collections, at most. */
const OTHERS = 2_000;
/** Entries of each conversation: the founding, a title, a deletion, and messages. */
export const ENTRIES = 10;

/** One user of the crowd, and the conversation that this user created. */
export interface Somebody {
  readonly userId: string;
  /** Its log has {@link ENTRIES} entries. */
  readonly conversationId: string;
  /** The other member of that conversation. */
  readonly otherId: string;
  /** The message at `seq` 4 of that conversation. */
  readonly messageId: string;
}

const FAR = new Date(Date.UTC(2100, 0));
const BATCH = 10_000;
const LARGE = new Set(['conversations', 'entries', 'members']);

/**
 * Fills every collection of messaging with the documents of many users, and returns a user who has some in each
 * collection.
 */
export async function seedCrowd(db: Db, conversations = CONVERSATIONS): Promise<Somebody> {
  const userIds = Array.from({ length: conversations }, () => newId());
  const conversationIds = userIds.map(() => newId());
  const places = userIds.map((userId, index): Place => {
    const conversationId = conversationIds[index] ?? '';
    const otherId = userIds[(index + 1) % conversations] ?? '';
    return { userId, otherId, conversationId, messageIds: Array.from({ length: ENTRIES }, newId) };
  });
  for (const [collection, documentsOf] of Object.entries(COLLECTIONS)) {
    const isLarge = LARGE.has(collection);
    const among = isLarge ? places : places.slice(0, OTHERS);
    await insertAll(db, collection, among.flatMap(documentsOf));
  }
  const [somebody] = places.slice(Math.min(OTHERS, conversations) / 2);
  if (somebody === undefined) throw new Error('The crowd is empty');
  const { conversationId, messageIds, otherId, userId } = somebody;
  return { userId, otherId, conversationId, messageId: messageIds[3] ?? '' };
}

interface Place {
  readonly userId: string;
  readonly otherId: string;
  readonly conversationId: string;
  readonly messageIds: readonly string[];
}

const COLLECTIONS: Record<string, (place: Place, index: number) => Document[]> = {
  conversations: ({ conversationId, otherId, userId }, index) => [
    {
      ...{ _id: conversationId, kind: 'group', createdBy: userId, clientId: `k${index}` },
      ...{ directKey: `${userId}:${otherId}`, founders: [userId, otherId], founderTitle: null },
      ...{ createdAt: 0, title: 'T', memberCount: 2, membersSeq: 2, foldedSeq: 3 },
      summary: { lastSeq: ENTRIES, lastAt: index },
    },
  ],
  entries: (place) => place.messageIds.map((_, index) => entryOf(place, index + 1)),
  members: ({ conversationId, otherId, userId }) =>
    [userId, otherId].map((member) => ({
      ...{ _id: `${conversationId}:${member}`, conversationId, userId: member, present: true },
      ...{ role: 'member', joinedSeq: 1, joinedAt: 0, seq: 1, deliveredSeq: 0, readSeq: 0 },
      settings: { mutedUntil: null, archived: false, pinned: true, unread: false },
    })),
  cursors: ({ conversationId, userId }) => [
    { _id: `${userId}:`, sessionId: userId, seq: 0, removeAt: FAR },
    {
      ...{ _id: `${userId}:${conversationId}`, sessionId: userId, conversationId },
      ...{ seq: 4, removeAt: FAR },
    },
  ],
  attachments: ({ conversationId, userId }) => [
    {
      ...{ _id: `${conversationId}-a`, conversationId, ownerId: userId, slot: 0, size: 1 },
      ...{ state: 'uploading', urlsEndAt: 0, thumbnail: 'none', dueAt: FAR.getTime() },
    },
  ],
  devices: ({ userId }) => [
    { _id: `${userId}-d`, userId, sessionId: userId, token: userId, platform: 'web', slot: 0 },
  ],
  push_outbox: ({ conversationId, userId }) => [
    {
      ...{ _id: `${userId}:${conversationId}`, userId, conversationId, seq: 4, attempts: 0 },
      ...{ isAway: false, dueAt: FAR, removeAt: FAR },
    },
  ],
  nodes: ({ userId }) => [{ _id: userId, aliveUntil: FAR, flushedTo: 1 }],
  presence: ({ userId }) => [{ _id: userId, lastSeenAt: 1 }],
  statuses: ({ userId }) => [
    {
      ...{ _id: userId, status: 'BUSY', endsAt: FAR, timestamp: 1, partnerId: null },
      ...{ news: [], teller: 'somebody', tellAt: FAR },
    },
  ],
  partnerships: ({ otherId, userId }, index) =>
    index % 2 === 0 ? [{ _id: userId, userIds: [userId, otherId], linkedAt: 1 }] : [],
  link_codes: ({ userId }) => [{ _id: userId, hash: userId, expiresAt: FAR }],
  link_guesses: ({ userId }) => [{ _id: userId, guesses: [], removeAt: FAR }],
  invitations: ({ conversationId, otherId, userId }) => [
    {
      ...{ _id: `${conversationId}:${otherId}`, conversationId, userId: otherId },
      ...{ addedBy: userId, kind: 'group', at: 1, declined: false },
    },
  ],
  blocks: ({ otherId, userId }) => [
    {
      ...{ _id: `${userId}:${otherId}`, userId, blockedId: otherId, active: true },
      ...{ blockedAt: 1, changedAt: new Date(1) },
    },
  ],
};

function entryOf({ conversationId, messageIds, otherId, userId }: Place, seq: number): Document {
  const _id = messageIds[seq - 1];
  const entry = { _id, conversationId, seq, senderId: userId, clientId: `k${seq}`, at: 0 };
  if (seq === 1) {
    return {
      ...entry,
      kind: 'members',
      action: 'added',
      userIds: [userId, otherId],
      role: 'member',
    };
  }
  if (seq === 2) return { ...entry, kind: 'title', title: 'T' };
  if (seq === 3) {
    return { ...entry, kind: 'deletion', messageId: messageIds[9], messageSeq: 10 };
  }
  return { ...entry, kind: 'message', text: 'Hello', replyTo: null };
}

async function insertAll(db: Db, collection: string, documents: Document[]): Promise<void> {
  for (let from = 0; from < documents.length; from += BATCH) {
    await db.collection(collection).insertMany(documents.slice(from, from + BATCH), {
      ordered: false,
      writeConcern: { w: 1 },
    });
  }
}
