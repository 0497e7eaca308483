import type { ClientSession, Db, Document, Long, Timestamp } from 'mongodb';

/** A log, and a `seq` that it has. */
export interface LogPosition {
  readonly conversationId: string;
  readonly seq: number;
}

interface Cursor {
  readonly id: Long;
  readonly firstBatch?: LogPosition[];
  readonly nextBatch?: LogPosition[];
}

/** Positions in one response: about 1 MB, most of it resume tokens. */
export const BATCH = 2_000;
/** Milliseconds for which MongoDB waits for more when there is nothing to read. */
const WAIT = 1;
const INSERTS = [
  { $match: { operationType: 'insert' } },
  { $project: { conversationId: '$fullDocument.conversationId', seq: '$fullDocument.seq' } },
];

/**
 * Reads from the change stream of `entries` which logs have grown, in batches and without the entries. It sends the
 * commands itself: the driver's change stream returns one change at a time, and always waits for the next one.
 */
export class PositionStream {
  readonly #db: Db;
  readonly #session: ClientSession;
  readonly #id: Long;
  #unread: readonly LogPosition[];

  private constructor(db: Db, session: ClientSession, { firstBatch = [], id }: Cursor) {
    this.#db = db;
    this.#session = session;
    this.#id = id;
    this.#unread = firstBatch;
  }

  /** Opens a stream. Every entry that is stored from now on is read from it. */
  static async open(db: Db): Promise<PositionStream> {
    const { operationTime } = await db.command({ ping: 1 });
    const session = db.client.startSession();
    try {
      const start = { startAtOperationTime: operationTime as Timestamp };
      const pipeline = [{ $changeStream: start }, ...INSERTS];
      const command = { aggregate: 'entries', pipeline, cursor: { batchSize: BATCH } };
      return new PositionStream(db, session, await cursorOf(db, session, command));
    } catch (error) {
      await session.endSession();
      throw error;
    }
  }

  /**
   * The next positions in the order of commits; fewer than {@link BATCH} when everything that a majority has was read.
   * @throws when the stream fails
   */
  async next(): Promise<readonly LogPosition[]> {
    const unread = this.#unread;
    this.#unread = [];
    if (unread.length > 0) return unread;
    const command = { getMore: this.#id, collection: 'entries', batchSize: BATCH, maxTimeMS: WAIT };
    const { id, nextBatch = [] } = await cursorOf(this.#db, this.#session, command);
    // The collection was dropped.
    if (id.isZero()) throw new Error('The change stream of entries has ended');
    return nextBatch;
  }

  async close(): Promise<void> {
    try {
      const command = { killCursors: 'entries', cursors: [this.#id] };
      await this.#db.command(command, { session: this.#session });
    } finally {
      await this.#session.endSession();
    }
  }
}

async function cursorOf(db: Db, session: ClientSession, command: Document): Promise<Cursor> {
  // MongoDB accepts a cursor id as a 64-bit integer only.
  const answer = await db.command(command, { session, promoteLongs: false });
  return answer['cursor'] as Cursor;
}
