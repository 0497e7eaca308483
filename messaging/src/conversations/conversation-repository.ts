import { isDuplicateKey } from '@parley/backend-common';
import type { ConversationKind } from '@parley/common/contract';
import type { Collection, Db } from 'mongodb';

/** A conversation as stored. Title and members are a projection of its log. */
export interface ConversationDocument {
  _id: string;
  kind: ConversationKind;
  /** Both user ids of a direct conversation, the lower first; unique. */
  directKey?: string;
  createdBy: string;
  /** The creator's key of a group; unique with `createdBy`. */
  clientId?: string;
  createdAt: number;
  /** Who is in entry 1, and the title before any title entry: what the log starts from. */
  founders: string[];
  founderTitle: string | null;
  title: string | null;
  memberCount: number;
  /** The projection of members and title holds every entry up to here. */
  membersSeq: number;
  /** Every operation on a message (deletions) up to here has been folded into its message. */
  foldedSeq: number;
  summary: ConversationSummary;
}

/** What lists sort and show; written after the ack, so it may lag: the log's tail corrects it. */
export interface ConversationSummary {
  lastSeq: number;
  lastAt: number;
}

/** A conversation that does not exist yet. */
export type NewConversation = Pick<
  ConversationDocument,
  '_id' | 'kind' | 'createdBy' | 'createdAt' | 'founders' | 'founderTitle'
> & { readonly directKey?: string; readonly clientId?: string };

/** Reads and writes `conversations`. */
export class ConversationRepository {
  readonly #conversations: Collection<ConversationDocument>;

  constructor(db: Db) {
    this.#conversations = db.collection<ConversationDocument>('conversations');
  }

  /** Index `_id_`. */
  find(conversationId: string): Promise<ConversationDocument | null> {
    return this.#conversations.findOne({ _id: conversationId });
  }

  /** Index `_id_`. */
  async findMany(conversationIds: readonly string[]): Promise<ConversationDocument[]> {
    return this.#conversations.find({ _id: { $in: [...conversationIds] } }).toArray();
  }

  /**
   * Makes a conversation, or answers the one that has the same key already: `directKey` for a pair,
   * `createdBy` and `clientId` for a group. Indexes `direct`, `creation`.
   */
  async createOnce(wanted: NewConversation): Promise<ConversationDocument> {
    const { directKey, clientId, createdBy } = wanted;
    const existing = () =>
      directKey !== undefined
        ? this.#conversations.findOne({ directKey })
        : clientId !== undefined
          ? this.#conversations.findOne({ createdBy, clientId })
          : Promise.resolve(null);
    const found = await existing();
    if (found !== null) return found;
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
      const other = isDuplicateKey(error) ? await existing() : null;
      if (other === null) throw error;
      return other;
    }
  }

  /** Ids and times of last activity, for sorting; covered by index `activity`. */
  async activity(conversationIds: readonly string[]): Promise<Map<string, number>> {
    const found = await this.#conversations
      .find({ _id: { $in: [...conversationIds] } }, { projection: { _id: 1, 'summary.lastAt': 1 } })
      .hint('activity')
      .toArray();
    return new Map(found.map(({ _id, summary }) => [_id, summary.lastAt]));
  }

  /** Records that members and title are projected up to `seq`; index `_id_`. */
  async setProjected(
    conversationId: string,
    projected: { seq: number; title: string | null; memberCount: number },
  ): Promise<void> {
    const { seq, title, memberCount } = projected;
    await this.#conversations.updateOne(
      { _id: conversationId, membersSeq: { $lt: seq } },
      { $set: { membersSeq: seq, title, memberCount } },
    );
  }

  /** Records that operations are folded up to `seq`; index `_id_`. */
  async raiseFolded(conversationId: string, seq: number): Promise<void> {
    await this.#conversations.updateOne({ _id: conversationId }, { $max: { foldedSeq: seq } });
  }

  /** Writes summaries, each only forwards; index `_id_`. */
  async raiseSummaries(summaries: ReadonlyMap<string, ConversationSummary>): Promise<void> {
    if (summaries.size === 0) return;
    await this.#conversations.bulkWrite(
      [...summaries].map(([_id, summary]) => ({
        updateOne: {
          filter: { _id, 'summary.lastSeq': { $lt: summary.lastSeq } },
          update: { $set: { summary } },
        },
      })),
      { ordered: false, writeConcern: { w: 1 } },
    );
  }

  /** Index `_id_`. */
  async remove(conversationId: string): Promise<void> {
    await this.#conversations.deleteOne({ _id: conversationId });
  }
}

/** The key of the one direct conversation of a pair. */
export function directKeyOf(one: string, other: string): string {
  return one < other ? `${one}:${other}` : `${other}:${one}`;
}
