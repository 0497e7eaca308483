import type { Collection, Db } from 'mongodb';

import type { NodeDocument } from '../../push/heartbeat/node-repository.ts';

/** Reads `nodes`: which messaging nodes run, as far as the database knows. */
export class RunningNodeRepository {
  readonly #nodes: Collection<NodeDocument>;

  constructor(db: Db) {
    this.#nodes = db.collection<NodeDocument>('nodes');
  }

  /** Ids of the nodes that count as alive after `now` (milliseconds); index `alive`. */
  async ids(now: number): Promise<string[]> {
    const found = await this.#nodes
      .find({ aliveUntil: { $gt: new Date(now) } }, { projection: { _id: 1 } })
      .hint('alive')
      .toArray();
    return found.map(({ _id }) => _id);
  }
}
