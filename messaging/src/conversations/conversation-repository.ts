import { isDuplicateKey } from '@parley/backend-common';
import type { ConversationKind } from '@parley/common/contract';
import type { Collection, Db, Filter } from 'mongodb';

import type { Place } from './list-cursor.ts';

/** A conversation as stored. Title and members are a projection of its log. */
export interface ConversationDocument {
  _id: string;
  kind: ConversationKind;
  /** Both user ids of a direct conversation, the lower first; unique. */
  directKey?: string;
  /** Both users of a direct conversation have written in it. Stored when that is looked up first; it never changes back. */
  mutual?: true;
  createdBy: string;
  /** The creator's key of a group; unique together with `createdBy`. */
  clientId?: string;
  createdAt: number;
  /** The members in entry 1, and the title before any title entry: where the fold of the log starts. */
  founders: string[];
  founderTitle: string | null;
  title: string | null;
  memberCount: number;
  /** The projection of members and title contains every entry up to this `seq`. */
  membersSeq: number;
  /** Every deletion up to this `seq` has been applied to its message. */
  foldedSeq: number;
  summary: ConversationSummary;
  /** When its last member left. It is hidden since then, and will be purged. */
  erasedAt?: number;
  /** `seq` of the entry with which the last member left. */
  erasedSeq?: number;
}

/** What lists sort by. It is written after the ack, so it may be behind the log. */
export interface ConversationSummary {
  lastSeq: number;
  lastAt: number;
}

/** A conversation that does not exist yet. */
export type NewConversation = Pick<
  ConversationDocument,
  '_id' | 'kind' | 'createdBy' | 'createdAt' | 'founders' | 'founderTitle'
> & { readonly directKey?: string; readonly clientId?: string };

/** When a conversation was last active. */
type ActivityPlace = Pick<Place, 'conversationId' | 'lastAt'>;

const NOT_ERASED = { erasedAt: { $exists: false } };

/** Reads and writes `conversations`. */
export class ConversationRepository {
  readonly #conversations: Collection<ConversationDocument>;

  constructor(db: Db) {
    this.#conversations = db.collection<ConversationDocument>('conversations');
  }

  /** Index `_id_`. */
  find(conversationId: string): Promise<ConversationDocument | null> {
    return this.#conversations.findOne({ _id: conversationId, ...NOT_ERASED });
  }

  /** Index `_id_`. */
  findMany(conversationIds: readonly string[]): Promise<ConversationDocument[]> {
    return this.#conversations
      .find({ _id: { $in: [...conversationIds] }, ...NOT_ERASED })
      .toArray();
  }

  /** Up to which entries the members and titles of conversations are projected; index `_id_`. */
  projectedThrough(
    conversationIds: readonly string[],
  ): Promise<Pick<ConversationDocument, '_id' | 'membersSeq'>[]> {
    return this.#conversations
      .find(
        { _id: { $in: [...conversationIds] }, ...NOT_ERASED },
        { projection: { membersSeq: 1 } },
      )
      .toArray();
  }

  /** The direct conversation of a pair; index `direct`. */
  findDirect(directKey: string): Promise<ConversationDocument | null> {
    return this.#conversations.findOne({ directKey });
  }

  /** The group that a user created with a key; index `creation`. */
  findCreated(createdBy: string, clientId: string): Promise<ConversationDocument | null> {
    return this.#conversations.findOne({ createdBy, clientId });
  }

  /**
   * Creates a conversation, or returns the one that was created first with the same key: `directKey` for a pair,
   * `createdBy` and `clientId` for a group. Unique indexes `direct`, `creation`.
   */
  async createOnce(wanted: NewConversation): Promise<ConversationDocument> {
    const document: ConversationDocument = {
      ...wanted,
      founders: [...wanted.founders],
      title: wanted.founderTitle,
      memberCount: wanted.founders.length,
      membersSeq: 0,
      foldedSeq: 0,
      summary: { lastSeq: 0, lastAt: wanted.createdAt },
    };
    try {
      await this.#conversations.insertOne(document);
      return document;
    } catch (error) {
      const other = isDuplicateKey(error) ? await this.#findSame(wanted) : null;
      if (other === null) throw error;
      return other;
    }
  }

  async #findSame(wanted: NewConversation): Promise<ConversationDocument | null> {
    const { clientId, createdBy, directKey } = wanted;
    if (directKey !== undefined) return this.findDirect(directKey);
    return clientId === undefined ? null : this.findCreated(createdBy, clientId);
  }

  /** Ids and times of last activity, for sorting; covered by index `activity`. */
  async activity(conversationIds: readonly string[]): Promise<Map<string, number>> {
    const found = await this.#conversations
      .find({ _id: { $in: [...conversationIds] } }, { projection: { _id: 1, 'summary.lastAt': 1 } })
      .hint('activity')
      .toArray();
    return new Map(found.map(({ _id, summary }) => [_id, summary.lastAt]));
  }

  /**
   * Those of the conversations that were active latest, from before a place on: the newest first, among equals the
   * largest id. The server sorts them, so that only what is shown is sent; covered by index `activity`.
   */
  async latest(
    conversationIds: readonly string[],
    { before, limit }: { readonly before?: ActivityPlace | undefined; readonly limit: number },
  ): Promise<ActivityPlace[]> {
    if (before === undefined) return this.#latest({ _id: { $in: [...conversationIds] } }, limit);
    const { conversationId, lastAt } = before;
    const following = conversationIds.filter((id) => id < conversationId);
    // One query with `$or` would read the documents.
    const [equal, earlier] = await Promise.all([
      this.#latest({ _id: { $in: following }, 'summary.lastAt': lastAt }, limit),
      this.#latest(
        { _id: { $in: [...conversationIds] }, 'summary.lastAt': { $lt: lastAt } },
        limit,
      ),
    ]);
    return [...equal, ...earlier].slice(0, limit);
  }

  async #latest(filter: Filter<ConversationDocument>, limit: number): Promise<ActivityPlace[]> {
    const found = await this.#conversations
      .find(filter, { projection: { _id: 1, 'summary.lastAt': 1 }, batchSize: limit })
      .sort({ 'summary.lastAt': -1, _id: -1 })
      .hint('activity')
      .limit(limit)
      .toArray();
    return found.map(({ _id, summary }) => ({ conversationId: _id, lastAt: summary.lastAt }));
  }

  /**
   * Records that members and title are projected up to `seq`, if they were projected up to `from`; index `_id_`.
   * @returns `false` if they were not: entries before `from` must still be projected
   */
  async setProjected(
    conversationId: string,
    projected: { from: number; seq: number; title: string | null; memberCount: number },
  ): Promise<boolean> {
    const { from, seq, title, memberCount } = projected;
    const result = await this.#conversations.updateOne(
      { _id: conversationId, membersSeq: { $gte: from, $lt: seq } },
      { $set: { membersSeq: seq, title, memberCount } },
    );
    if (result.matchedCount > 0) return true;
    const present = await this.#conversations.findOne(
      { _id: conversationId },
      { projection: { membersSeq: 1 } },
    );
    return present === null || present.membersSeq >= seq;
  }

  /** Records that deletions are applied up to `seq`; index `_id_`. */
  async raiseFolded(conversationId: string, seq: number): Promise<void> {
    await this.#conversations.updateOne({ _id: conversationId }, { $max: { foldedSeq: seq } });
  }

  /** Raises summaries; they never go back. Resolves when majority reads see them. Index `_id_`. */
  async raiseSummaries(summaries: ReadonlyMap<string, ConversationSummary>): Promise<void> {
    if (summaries.size === 0) return;
    await this.#conversations.bulkWrite(
      [...summaries].map(([_id, summary]) => ({
        updateOne: {
          filter: { _id },
          update: {
            $max: { 'summary.lastSeq': summary.lastSeq, 'summary.lastAt': summary.lastAt },
          },
        },
      })),
      { ordered: false },
    );
  }

  /** Hides a conversation before it is purged; index `_id_`. */
  async markErased(conversationId: string, erased: { at: number; seq: number }): Promise<void> {
    await this.#conversations.updateOne(
      { _id: conversationId },
      { $set: { erasedAt: erased.at, erasedSeq: erased.seq } },
    );
  }

  /** Conversations that were hidden before a time (milliseconds since the epoch), with their last `seq`; index `erased`. */
  async findErased(due: {
    before: number;
    limit: number;
  }): Promise<{ conversationId: string; seq: number }[]> {
    const found = await this.#conversations
      .find({ erasedAt: { $lt: due.before } }, { projection: { erasedSeq: 1 } })
      .hint('erased')
      .limit(due.limit)
      .toArray();
    return found.map(({ _id, erasedSeq }) => ({ conversationId: _id, seq: erasedSeq ?? 0 }));
  }

  /** Index `_id_`. */
  async remove(conversationId: string): Promise<void> {
    await this.#conversations.deleteOne({ _id: conversationId });
  }
}
