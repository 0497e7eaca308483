import type { Collection, Db } from 'mongodb';

import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';

/** Entries of one conversation with `after < seq ≤ upTo`. */
export interface Stretch {
  readonly conversationId: string;
  readonly after: number;
  readonly upTo: number;
}

/** Reads what is new in many conversations with one command for all of them. */
export class NewsRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** The entries at the ends of stretches that are messages, by conversation; index `seq`. */
  async lastMessages(stretches: readonly Stretch[]): Promise<Map<string, MessageDocument>> {
    if (stretches.length === 0) return new Map();
    const places = stretches.map(({ conversationId, upTo }) => ({ conversationId, seq: upTo }));
    const found = await this.#entries
      .find<MessageDocument>({ kind: 'message', $or: places })
      .hint('seq')
      .toArray();
    return new Map(found.map((message) => [message.conversationId, message]));
  }

  /** Numbers of messages of others than `userId` in stretches, not deleted; 0 is absent. Reads every entry in them; index `seq`. */
  async countUnread(userId: string, stretches: readonly Stretch[]): Promise<Map<string, number>> {
    if (stretches.length === 0) return new Map();
    const parts = stretches.map(({ after, conversationId, upTo }) => {
      return { conversationId, seq: { $gt: after, $lte: upTo } };
    });
    const unread = { kind: 'message', senderId: { $ne: userId }, deletedSeq: { $exists: false } };
    const counted = this.#entries.aggregate<{ _id: string; count: number }>(
      [
        { $match: { ...unread, $or: parts } },
        { $group: { _id: '$conversationId', count: { $sum: 1 } } },
      ],
      { hint: 'seq' },
    );
    return new Map((await counted.toArray()).map(({ _id, count }) => [_id, count]));
  }
}
