import type { Collection, Db } from 'mongodb';

import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';
import { messagesOfOthers, unreadFilter } from '../log/unread-filter.ts';

/** Entries of one conversation with `after < seq ≤ upTo`. */
export interface SeqRange {
  readonly conversationId: string;
  readonly after: number;
  readonly upTo: number;
}

/** Reads what is unread: in many conversations with one command, or in one that is long. */
export class UnreadRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** The last entries of the ranges, where these are messages, by conversation; index `seq`. */
  async lastMessages(ranges: readonly SeqRange[]): Promise<Map<string, MessageDocument>> {
    if (ranges.length === 0) return new Map();
    const places = ranges.map(({ conversationId, upTo }) => ({ conversationId, seq: upTo }));
    const found = await this.#entries
      .find<MessageDocument>({ kind: 'message', $or: places })
      .hint('seq')
      .toArray();
    return new Map(found.map((message) => [message.conversationId, message]));
  }

  /**
   * How many messages of others than `userId` are in each range, without deleted ones; conversations with none are
   * absent. Reads every entry of the ranges; index `seq`.
   */
  async countUnread(userId: string, ranges: readonly SeqRange[]): Promise<Map<string, number>> {
    if (ranges.length === 0) return new Map();
    const parts = ranges.map(({ after, conversationId, upTo }) => {
      return { conversationId, seq: { $gt: after, $lte: upTo } };
    });
    const counted = this.#entries.aggregate<{ _id: string; count: number }>(
      [
        { $match: { ...messagesOfOthers(userId), $or: parts } },
        { $group: { _id: '$conversationId', count: { $sum: 1 } } },
      ],
      { hint: 'seq' },
    );
    return new Map((await counted.toArray()).map(({ _id, count }) => [_id, count]));
  }

  /** How many messages of others than `userId` follow `after`, without deleted ones. Stops at `limit`; index `seq`. */
  countUpToLimit(
    conversationId: string,
    { after, limit, userId }: { userId: string; after: number; limit: number },
  ): Promise<number> {
    return this.#entries.countDocuments(unreadFilter(conversationId, { userId, after }), {
      limit,
      hint: 'seq',
    });
  }
}
