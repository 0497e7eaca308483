import type { Collection, Db } from 'mongodb';

import type { NodeDocument } from '../../push/heartbeat/node-repository.ts';

/** Reads from `nodes` which messaging nodes run. */
export class RunningNodeRepository {
  readonly #nodes: Collection<NodeDocument>;

  constructor(db: Db) {
    this.#nodes = db.collection<NodeDocument>('nodes');
  }

  /** Ids of the nodes that count as running at `now` (milliseconds since the epoch); index `alive`. */
  async ids(now: number): Promise<string[]> {
    const found = await this.#nodes
      .find({ aliveUntil: { $gt: new Date(now) } }, { projection: { _id: 1 } })
      .hint('alive')
      .toArray();
    return found.map(({ _id }) => _id);
  }
}
