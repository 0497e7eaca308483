import { SECOND } from '@parley/common';
import type { Collection, Db } from 'mongodb';

/** A node that may have follow-ups in its memory. */
export interface NodeDocument {
  _id: string;
  /** It is taken for dead after this. */
  aliveUntil: Date;
  /** Everything that it accepted before (milliseconds) is dealt with. */
  flushedTo: number;
  /** Who makes up for it. */
  heir?: string;
}

/** Milliseconds after which a silent node is taken for dead. */
export const LIFE = 20 * SECOND;
const INHERITING = 60 * SECOND;

/** Reads and writes `nodes`. Who is alive is decided by MongoDB's clock. */
export class NodeRepository {
  readonly #nodes: Collection<NodeDocument>;

  constructor(db: Db) {
    this.#nodes = db.collection<NodeDocument>('nodes');
  }

  /** Says that a node lives, and how far it is. Index `_id_`. */
  async keep(_id: string, flushedTo: number): Promise<void> {
    await this.#nodes.updateOne(
      { _id },
      [{ $set: { aliveUntil: { $add: ['$$NOW', LIFE] }, flushedTo } }, { $unset: 'heir' }],
      { upsert: true },
    );
  }

  /** Makes one dead node the caller's to make up for, as it was; `null` where there is none. Index `alive`. */
  inherit(heir: string): Promise<NodeDocument | null> {
    return this.#nodes.findOneAndUpdate(
      { $expr: { $lt: ['$aliveUntil', '$$NOW'] } },
      [{ $set: { aliveUntil: { $add: ['$$NOW', INHERITING] }, heir } }],
      { returnDocument: 'before', hint: { aliveUntil: 1 } },
    );
  }

  /** Forgets a node that was made up for, unless it or another heir has spoken meanwhile. Index `_id_`. */
  async bury(_id: string, heir: string): Promise<void> {
    await this.#nodes.deleteOne({ _id, heir });
  }

  /** Forgets a node that leaves nothing behind. Index `_id_`. */
  async leave(_id: string): Promise<void> {
    await this.#nodes.deleteOne({ _id });
  }
}
