import { LeaseQueue, type Leased } from '@parley/backend-common';
import { SECOND } from '@parley/common';
import type { Collection, Db } from 'mongodb';

/** A node that may have messages in memory for which no push is scheduled yet. */
export interface NodeDocument {
  _id: string;
  /** It counts as crashed after this. While another node takes it over, when that lease ends. */
  aliveUntil: Date;
  /** Pushes are scheduled for every message that it accepted before this (milliseconds). */
  flushedTo: number;
  /** The node that takes it over. */
  heir?: string;
}

/** A crashed node that is leased by the node that takes it over. */
export interface CrashedNode {
  readonly id: string;
  readonly flushedTo: number;
  /** Until when the node counted as alive. */
  readonly aliveUntil: Date;
  readonly lease: Leased<NodeDocument>;
}

/** Milliseconds without a heartbeat after which a node counts as crashed. */
export const LIFETIME = 20 * SECOND;
const TAKE_OVER_WITHIN = 60 * SECOND;

/** Reads and writes `nodes`. MongoDB's clock decides which nodes are alive. */
export class NodeRepository {
  readonly #nodes: Collection<NodeDocument>;
  readonly #queue: LeaseQueue<NodeDocument>;
  readonly #nodeId: string;

  /** @param nodeId - the id of this node */
  constructor(db: Db, nodeId: string) {
    this.#nodes = db.collection<NodeDocument>('nodes');
    this.#nodeId = nodeId;
    this.#queue = new LeaseQueue(this.#nodes, {
      name: 'nodes',
      fields: { due: 'aliveUntil', token: 'heir' },
      duration: TAKE_OVER_WITHIN,
      newToken: () => nodeId,
    });
  }

  /** Records that this node is alive, and up to when it has scheduled pushes. Index `_id_`. */
  async keepAlive(flushedTo: number): Promise<void> {
    await this.#nodes.updateOne(
      { _id: this.#nodeId },
      [{ $set: { aliveUntil: { $add: ['$$NOW', LIFETIME] }, flushedTo } }, { $unset: 'heir' }],
      { upsert: true },
    );
  }

  /** Leases one crashed node; `null` if there is none. Indexes `alive` and `_id_`. */
  async takeOver(): Promise<CrashedNode | null> {
    const [lease] = await this.#queue.claim(1);
    if (lease === undefined) return null;
    const { document, dueSince, id } = lease;
    return { id, flushedTo: document.flushedTo, aliveUntil: dueSince as Date, lease };
  }

  /** Removes a crashed node after the take-over, unless the lease was lost or the node is alive again. Index `_id_`. */
  async remove({ lease }: CrashedNode): Promise<void> {
    await this.#queue.remove(lease);
  }

  /** Removes this node, which has scheduled pushes for all its messages. Index `_id_`. */
  async leave(): Promise<void> {
    await this.#nodes.deleteOne({ _id: this.#nodeId });
  }
}
