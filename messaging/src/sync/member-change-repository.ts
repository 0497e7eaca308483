import { Timestamp, type Collection, type Db, type Document } from 'mongodb';

import type { MemberDocument } from '../conversations/member-document.ts';

/** What has changed of the memberships of a user. */
export interface MemberChanges {
  /** Ids of the conversations, present and former. */
  readonly conversationIds: readonly string[];
  /** The time at which this was read, in seconds of the clock of the cluster. */
  readonly at: number;
}

/** The answer to a find command with the read concern `snapshot`. */
interface Snapshot {
  readonly cursor: {
    readonly firstBatch: readonly Pick<MemberDocument, 'conversationId'>[];
    readonly atClusterTime: Timestamp;
  };
}

/**
 * Finds which memberships of a user may have changed, by `changedAt`. Marks may have changed up to `RECORD_COVERS` seconds
 * after it; everything else has not.
 *
 * All times are of the clock of the cluster, which never goes back, whichever member of the replica set is primary.
 * `changedAt` is the time at which MongoDB began a change, and a read at the time `t` of that clock shows exactly what a
 * majority has stored up to `t`. So however late a change becomes visible, it is not older than the last reads that did
 * not show it, by more than the time that one command may take.
 */
export class MemberChangeRepository {
  readonly #db: Db;
  readonly #members: Collection<MemberDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#members = db.collection<MemberDocument>('members');
  }

  /**
   * The first `limit` memberships of a user that have changed since a time in seconds of the clock of the cluster; covered
   * by index `changes`.
   */
  async changedSince(userId: string, seconds: number, limit: number): Promise<MemberChanges> {
    const { cursor } = await this.#read({
      filter: { userId, changedAt: { $gte: new Timestamp({ t: Math.max(0, seconds), i: 0 }) } },
      projection: { _id: 0, conversationId: 1 },
      hint: 'changes',
      limit,
    });
    return {
      conversationIds: cursor.firstBatch.map(({ conversationId }) => conversationId),
      at: cursor.atClusterTime.t,
    };
  }

  /** The time of the cluster, in seconds: reads that begin now show everything that was stored before. Index `_id_`. */
  async time(): Promise<number> {
    const { cursor } = await this.#read({ filter: { _id: '' }, limit: 1 });
    return cursor.atClusterTime.t;
  }

  /** The driver does not tell the time of a snapshot, so the command is written out. */
  async #read(query: Document): Promise<Snapshot> {
    const find = this.#members.collectionName;
    const command = { find, ...query, singleBatch: true, readConcern: { level: 'snapshot' } };
    return (await this.#db.command(command)) as Snapshot;
  }
}
