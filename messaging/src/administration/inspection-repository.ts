import type { Collection, Db } from 'mongodb';

import type { MemberDocument } from '../conversations/member-document.ts';
import type { PushDocument } from '../push/outbox/push-document.ts';

const COLLECTIONS = {
  accounts: 'users',
  sessions: 'sessions',
  conversations: 'conversations',
  entries: 'entries',
  attachments: 'attachments',
  devices: 'devices',
} as const;

type Counts = Readonly<Record<keyof typeof COLLECTIONS, number>>;

/** Reads what administrators see, from collections that other features write. */
export class InspectionRepository {
  readonly #db: Db;
  readonly #members: Collection<MemberDocument>;
  readonly #pushes: Collection<PushDocument>;
  readonly #users: Collection<{ _id: string; username: string }>;

  constructor(db: Db) {
    this.#db = db;
    this.#members = db.collection('members');
    this.#pushes = db.collection('push_outbox');
    this.#users = db.collection('users');
  }

  /** The approximate number of documents, from the metadata of the collections. */
  async estimate(): Promise<Counts> {
    const counted = Object.entries(COLLECTIONS).map(async ([name, collection]) => [
      name,
      await this.#db.collection(collection).estimatedDocumentCount(),
    ]);
    return Object.fromEntries(await Promise.all(counted)) as Counts;
  }

  /** The number of deleted accounts of which something is left, up to `limit`; covered by index `due`. */
  accountRemovals(limit: number): Promise<number> {
    const due = { dueAt: { $gt: new Date(0) } };
    return this.#db.collection('account_removals').countDocuments(due, { limit });
  }

  /** The id of an account in any state, by username in lower case or by id; `null` if there is none. Indexes `username`, `_id_`. */
  async accountId(user: string): Promise<string | null> {
    const projection = { _id: 1 };
    const found =
      (await this.#users.findOne({ username: user }, { projection })) ??
      (await this.#users.findOne({ _id: user }, { projection }));
    return found?._id ?? null;
  }

  /** The present members of a conversation, of which there are few; index `conversation`. */
  membersOf(conversationId: string): Promise<MemberDocument[]> {
    return this.#members.find({ conversationId, present: true }).toArray();
  }

  /**
   * The pushes of a user: at most `limit` that wait, those due first in front, and then at most `limit` that were sent,
   * the latest first. Examines one document for each conversation of the user. Index `_id_`.
   */
  async pushesOf(userId: string, limit: number): Promise<PushDocument[]> {
    const own = { _id: { $gt: `${userId}:`, $lt: `${userId};` } };
    const [waiting, sent] = await Promise.all([
      this.#pushes
        .find({ ...own, dueAt: { $exists: true } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),
      this.#pushes
        .find({ ...own, dueAt: { $exists: false } })
        .sort({ 'pushed.at': -1 })
        .limit(limit)
        .toArray(),
    ]);
    return [...waiting, ...sent];
  }
}
