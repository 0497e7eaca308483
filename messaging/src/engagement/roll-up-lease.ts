import {
  LeaseQueue,
  type Collection,
  type Db,
  type LeaseTime,
  type QueueMetrics,
} from '@parley/backend-common';
import { MINUTE } from '@parley/common';

interface RollUpDocument {
  _id: 'roll-up';
  dueAt?: Date;
  holder?: string;
}

/** Lets one node at a time count engagement, with the one document of `engagement_roll_up`. */
export class RollUpLease {
  readonly #queue: LeaseQueue<RollUpDocument>;

  constructor(db: Db, options: { readonly time: LeaseTime; readonly metrics: QueueMetrics }) {
    const items: Collection<RollUpDocument> = db.collection<RollUpDocument>('engagement_roll_up');
    this.#queue = new LeaseQueue(items, {
      ...{ name: 'engagement_roll_up', duration: MINUTE, ...options },
      fields: { due: 'dueAt', token: 'holder' },
    });
  }

  /**
   * Calls `work` if it is due and no other node does it; it is due again `every` milliseconds later. The signal aborts
   * when the lease was lost. Returns whether it was called. Index `_id_`.
   */
  async run(every: number, work: (lost: AbortSignal) => Promise<void>): Promise<boolean> {
    const lease = await this.#queue.take('roll-up', { upsert: true });
    if (lease === null) return false;
    await this.#queue.hold(lease, work);
    await this.#queue.postpone(lease, every);
    return true;
  }
}
