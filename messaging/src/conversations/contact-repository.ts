import { readPage, type Collection, type Db } from '@parley/backend-common';

import type { EntryDocument } from '../log/entry-document.ts';
import type { ConversationDocument } from './conversation-repository.ts';
import { directKeyOf } from './direct-key.ts';
import { inParallel } from './in-parallel.ts';

/** The direct conversation of a user with another. */
export interface DirectWith {
  readonly userId: string;
  readonly conversationId: string;
  /** Whether it is stored that both have written in it. */
  readonly isMutual: boolean;
}

/** The partner of a user, as its status has it. */
interface PartnerDocument {
  _id: string;
  partnerId?: string | null;
}

/** Conversations that are looked at concurrently. */
const CONCURRENCY = 16;

/** Reads from `conversations`, `entries` and `statuses` which users know each other. */
export class ContactRepository {
  readonly #db: Db;
  readonly #conversations: Collection<ConversationDocument>;
  readonly #entries: Collection<EntryDocument>;
  readonly #statuses: Collection<PartnerDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#conversations = db.collection<ConversationDocument>('conversations');
    this.#entries = db.collection<EntryDocument>('entries');
    this.#statuses = db.collection<PartnerDocument>('statuses');
  }

  /** The direct conversations of a user with those of `others` that have one; index `direct`. */
  async directsWith(userId: string, others: readonly string[]): Promise<DirectWith[]> {
    const byKey = new Map(others.map((other) => [directKeyOf(userId, other), other]));
    const found = await readPage<ConversationDocument>(this.#db, {
      collection: 'conversations',
      filter: { directKey: { $in: [...byKey.keys()] } },
      projection: { directKey: 1, mutual: 1 },
      hint: 'direct',
      limit: byKey.size,
    });
    return found.map(({ _id, directKey = '', mutual = false }) => ({
      userId: byKey.get(directKey) ?? '',
      conversationId: _id,
      isMutual: mutual,
    }));
  }

  /** Stores that both users of direct conversations have written in them, so that nobody has to look it up again; index `_id_`. */
  async markMutual(conversationIds: readonly string[]): Promise<void> {
    await this.#conversations.updateMany(
      { _id: { $in: [...conversationIds] } },
      { $set: { mutual: true } },
    );
  }

  /**
   * Those of `others` who know a user: the partner, and those who have written to the user in their direct
   * conversation. Index `direct`, index `client` for each of those conversations, and index `_id_`.
   */
  async knowing(userId: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    const [directs, own] = await Promise.all([
      this.directsWith(userId, others),
      this.#statuses.findOne({ _id: userId }, { projection: { partnerId: 1 } }),
    ]);
    const known = new Set(others.filter((other) => other === own?.partnerId));
    await inParallel(directs, CONCURRENCY, async ({ conversationId, isMutual, userId: other }) => {
      if (isMutual || (await this.hasWritten(conversationId, other))) known.add(other);
    });
    return known;
  }

  /** Whether a user has written a message in a conversation; index `client`. */
  async hasWritten(conversationId: string, senderId: string): Promise<boolean> {
    const found = await this.#entries.findOne(
      { conversationId, senderId, kind: 'message' },
      { projection: { _id: 1 }, hint: 'client' },
    );
    return found !== null;
  }
}
