import type { Collection, Db } from 'mongodb';

import { kindsIn, type EntryDocument } from '../log/entry-document.ts';
import type { ConversationDocument } from './conversation-repository.ts';

/** Finds the conversations, among many, whose projections are behind the log. */
export class LogLagRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** Ids of conversations with entries on members or title beyond `membersSeq`; index `membership`. */
  membersBehind(
    conversations: readonly Pick<ConversationDocument, '_id' | 'membersSeq'>[],
  ): Promise<Set<string>> {
    const places = conversations.map(({ _id, membersSeq }) => ({ _id, seq: membersSeq }));
    return this.#beyond(places, 'membership');
  }

  /** Ids of conversations with operations on messages beyond `foldedSeq`; index `ops`. */
  foldsBehind(
    conversations: readonly Pick<ConversationDocument, '_id' | 'foldedSeq'>[],
  ): Promise<Set<string>> {
    const places = conversations.map(({ _id, foldedSeq }) => ({ _id, seq: foldedSeq }));
    return this.#beyond(places, 'ops');
  }

  async #beyond(
    places: readonly { readonly _id: string; readonly seq: number }[],
    index: 'membership' | 'ops',
  ): Promise<Set<string>> {
    if (places.length === 0) return new Set();
    const found = await this.#entries
      .find(
        {
          kind: kindsIn(index),
          $or: places.map(({ _id, seq }) => ({ conversationId: _id, seq: { $gt: seq } })),
        },
        { projection: { _id: 0, conversationId: 1 } },
      )
      .hint(index)
      .toArray();
    return new Set(found.map(({ conversationId }) => conversationId));
  }
}
