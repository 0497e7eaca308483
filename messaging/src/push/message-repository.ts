import type { Collection, Db } from 'mongodb';

import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';
import { unreadFilter } from '../log/unread-filter.ts';

/** A message, its place in the log, and its sender. */
export type MessagePlace = Pick<MessageDocument, '_id' | 'conversationId' | 'seq' | 'senderId'>;
export type UnreadMessage = Omit<MessagePlace, 'conversationId'>;

/** Messages of others with `after < seq ≤ upTo`, at most `limit`. */
export interface PushRange {
  readonly userId: string;
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

/** Reads from `entries` the messages that pushes are about. */
export class MessageRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** Unread messages of a user in a range, the newest first; index `seq`. */
  unread(conversationId: string, { limit, ...range }: PushRange): Promise<UnreadMessage[]> {
    return this.#entries
      .find<UnreadMessage>(unreadFilter(conversationId, range), {
        projection: { seq: 1, senderId: 1 },
      })
      .sort({ seq: -1 })
      .hint('seq')
      .limit(limit)
      .toArray();
  }

  /** Messages of all conversations with ids between two ids, and so accepted between two times; index `_id_`. */
  acceptedBetween(after: string, before: string, limit: number): Promise<MessagePlace[]> {
    return this.#entries
      .find<MessagePlace>(
        { _id: { $gt: after, $lt: before }, kind: 'message' },
        { projection: { conversationId: 1, seq: 1, senderId: 1 } },
      )
      .sort({ _id: 1 })
      .hint('_id_')
      .limit(limit)
      .toArray();
  }
}
