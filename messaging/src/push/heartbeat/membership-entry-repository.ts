import type { Collection, Db } from 'mongodb';

import { kindsIn, type EntryDocument } from '../../log/entry-document.ts';

/** A change of members or title, and its place in the log. */
export type MembershipPlace = Pick<EntryDocument, '_id' | 'conversationId' | 'seq'>;

/** Reads from `entries` the changes of members and titles that a crashed node may not have projected. */
export class MembershipEntryRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** Changes in all conversations with ids between two ids, and so accepted between two times; index `_id_`. */
  acceptedBetween(after: string, before: string, limit: number): Promise<MembershipPlace[]> {
    return this.#entries
      .find<MembershipPlace>(
        { _id: { $gt: after, $lt: before }, kind: kindsIn('membership') },
        { projection: { conversationId: 1, seq: 1 } },
      )
      .sort({ _id: 1 })
      .hint('_id_')
      .limit(limit)
      .toArray();
  }
}
