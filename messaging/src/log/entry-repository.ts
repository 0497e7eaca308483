import { readPage, readPageWith, type PageQuery } from '@parley/backend-common';
import type { Collection, Db, Filter } from 'mongodb';

import {
  kindsIn,
  type DeletionDocument,
  type EntryDocument,
  type EntryDraft,
  type MembersDocument,
  type MessageDocument,
  type TitleDocument,
} from './entry-document.ts';
import { EntryWriter } from './fast-read/entry-writer.ts';
import { writePlain, type WrittenEntry } from './fast-read/plain.ts';
import { classify, type InsertOutcome } from './insert-outcome.ts';

/** A page of a log: entries with `after < seq < before`, starting at one end. */
export interface EntryRange {
  readonly after: number;
  /** Exclusive; absent means up to the newest. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** The end at which the page starts. The result is in ascending order in both cases. */
  readonly from: 'oldest' | 'newest';
}

const WRITE_CONCERN = { w: 'majority', j: true, wtimeout: 10_000 };

interface EntryRepositoryOptions {
  /** Whether {@link EntryRepository.writtenRange} converts messages from their BSON bytes. Default: true. */
  readonly fastRead?: boolean;
}

/** Reads and writes `entries`. Every read is a majority read on the primary, so no entry that was read is ever rolled back. */
export class EntryRepository {
  readonly #db: Db;
  readonly #entries: Collection<EntryDocument>;
  readonly #fastRead: boolean;

  constructor(db: Db, { fastRead = true }: EntryRepositoryOptions = {}) {
    this.#db = db;
    this.#fastRead = fastRead;
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /**
   * Inserts entries in order, stops at the first that is refused, and returns the outcome. Never throws.
   * It sends the command itself: the driver's bulk writer would encode each entry into a separate buffer, and would
   * retry after errors that the log resolves by reading.
   */
  async insertRun(documents: readonly EntryDocument[]): Promise<InsertOutcome> {
    try {
      const answer = await this.#db.command({
        insert: this.#entries.collectionName,
        documents,
        ordered: true,
        writeConcern: WRITE_CONCERN,
      });
      return classify(answer);
    } catch (cause) {
      return { kind: 'unknown', cause };
    }
  }

  /** The entry that a sender wrote under a key; index `client`. */
  findByClientKey(key: Pick<EntryDraft, 'conversationId' | 'senderId' | 'clientId'>) {
    const { conversationId, senderId, clientId } = key;
    return this.#entries.findOne({ conversationId, senderId, clientId }, { hint: 'client' });
  }

  /** The entries of a conversation that were written under any of these keys; index `client`. */
  async findByClientKeys(
    conversationId: string,
    keys: readonly Pick<EntryDraft, 'senderId' | 'clientId'>[],
  ): Promise<EntryDocument[]> {
    if (keys.length === 0) return [];
    const anyOf = keys.map(({ clientId, senderId }) => ({ conversationId, senderId, clientId }));
    return this.#entries.find({ $or: anyOf }).hint('client').toArray();
  }

  /** The entry that deleted a message; index `deletion`. */
  findDeletionOf(conversationId: string, messageId: string): Promise<DeletionDocument | null> {
    return this.#entries.findOne<DeletionDocument>(
      { conversationId, messageId, kind: 'deletion' },
      { hint: 'deletion' },
    );
  }

  /** A message of a conversation; index `_id_`. */
  async findMessage(conversationId: string, messageId: string): Promise<MessageDocument | null> {
    const found = await this.#entries.findOne({ _id: messageId, conversationId }, { hint: '_id_' });
    return found?.kind === 'message' ? found : null;
  }

  /** Messages of a conversation by id; index `_id_`. */
  async findMessages(
    conversationId: string,
    messageIds: readonly string[],
  ): Promise<Map<string, MessageDocument>> {
    if (messageIds.length === 0) return new Map();
    const found = await this.#entries
      .find({ _id: { $in: [...messageIds] }, conversationId })
      .hint('_id_')
      .toArray();
    const messages = found.filter((entry) => entry.kind === 'message');
    return new Map(messages.map((message) => [message._id, message]));
  }

  /** The newest `seq` of one conversation, 0 when its log is empty; index `seq`. */
  async tail(conversationId: string): Promise<number> {
    const found = await this.#entries
      .find({ conversationId }, { projection: { _id: 0, seq: 1 } })
      .sort({ seq: -1 })
      .hint('seq')
      .limit(1)
      .toArray();
    return found[0]?.seq ?? 0;
  }

  /** The newest `seq` of each conversation: one covered DISTINCT_SCAN of index `seq`. */
  async tails(conversationIds: readonly string[]): Promise<Map<string, number>> {
    if (conversationIds.length === 0) return new Map();
    const found = this.#entries.aggregate<{ _id: string; seq: number }>(
      tailsPipeline(conversationIds),
      {
        hint: 'seq',
      },
    );
    return new Map((await found.toArray()).map(({ _id, seq }) => [_id, seq]));
  }

  /** A range of the log, ascending; index `seq`. */
  range(conversationId: string, range: EntryRange): Promise<EntryDocument[]> {
    return this.#page({ conversationId, seq: within(range) }, range);
  }

  /** The newest or oldest messages of a range of the log, ascending; index `seq`. */
  async messageRange(conversationId: string, range: EntryRange): Promise<MessageDocument[]> {
    const page = await this.#page({ conversationId, seq: within(range), kind: 'message' }, range);
    return page as MessageDocument[];
  }

  /** The same as {@link range}, as JSON. */
  async writtenRange(conversationId: string, range: EntryRange): Promise<WrittenEntry[]> {
    if (!this.#fastRead) return this.#plainRange(conversationId, range);
    const query = this.#query({ conversationId, seq: within(range) }, range);
    const page = await readPageWith(this.#db, query, (documents) => {
      const writer = new EntryWriter(documents);
      return (start) => writer.write(start);
    });
    return range.from === 'oldest' ? page : page.reverse();
  }

  async #plainRange(conversationId: string, range: EntryRange): Promise<WrittenEntry[]> {
    const documents = await this.range(conversationId, range);
    return documents.map(writePlain).map(({ json, seq }) => {
      return { seq, json, bytes: Buffer.byteLength(json) };
    });
  }

  async #page(filter: Filter<EntryDocument>, range: EntryRange) {
    const page = await readPage(this.#db, this.#query(filter, range));
    return range.from === 'oldest' ? page : page.reverse();
  }

  #query(filter: Filter<EntryDocument>, { from, limit }: EntryRange): PageQuery<EntryDocument> {
    return {
      collection: this.#entries.collectionName,
      filter,
      sort: { seq: from === 'oldest' ? 1 : -1 },
      hint: 'seq',
      limit,
    };
  }

  /** Entries up to `seq` that changed members or title, ascending, by default all of them; index `membership`. */
  async membershipUpTo(
    conversationId: string,
    seq: number,
    { after = 0, limit = 0 }: { readonly after?: number; readonly limit?: number } = {},
  ): Promise<(MembersDocument | TitleDocument)[]> {
    return this.#entries
      .find<MembersDocument | TitleDocument>({
        conversationId,
        seq: { $gt: after, $lte: seq },
        kind: kindsIn('membership'),
      })
      .sort({ seq: 1 })
      .hint('membership')
      .limit(limit)
      .toArray();
  }

  /** Operations on messages with `after < seq ≤ upTo`, ascending; index `ops`. */
  async operationsBetween(
    conversationId: string,
    between: { after: number; upTo: number },
  ): Promise<DeletionDocument[]> {
    return this.#entries
      .find<DeletionDocument>({
        conversationId,
        seq: { $gt: between.after, $lte: between.upTo },
        kind: kindsIn('ops'),
      })
      .sort({ seq: 1 })
      .hint('ops')
      .toArray();
  }

  /** Removes the content of deleted messages. Idempotent, because a deletion is final. Index `_id_`. */
  async redact(deletions: readonly DeletionDocument[]): Promise<void> {
    if (deletions.length === 0) return;
    await this.#entries.bulkWrite(
      deletions.map(({ at, conversationId, messageId, seq }) => ({
        updateOne: {
          filter: { _id: messageId, conversationId, kind: 'message' },
          update: { $set: { text: null, attachment: null, deletedSeq: seq, deletedAt: at } },
          hint: '_id_',
        },
      })),
      { ordered: false },
    );
  }

  /** Removes the entries of a log before `seq`; index `seq`. */
  async removeBefore(conversationId: string, seq: number): Promise<void> {
    await this.#entries.deleteMany({ conversationId, seq: { $lt: seq } }, { hint: 'seq' });
  }
}

function within({ after, before }: EntryRange) {
  return before === undefined ? { $gt: after } : { $gt: after, $lt: before };
}

/** The pipeline behind {@link EntryRepository.tails}. */
export function tailsPipeline(conversationIds: readonly string[]) {
  return [
    { $match: { conversationId: { $in: conversationIds } } },
    { $sort: { conversationId: -1, seq: -1 } },
    { $group: { _id: '$conversationId', seq: { $first: '$seq' } } },
  ];
}
