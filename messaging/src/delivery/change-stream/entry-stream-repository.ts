import {
  MongoServerError,
  Timestamp,
  type ChangeStreamInsertDocument,
  type Collection,
  type Db,
} from 'mongodb';

import type { EntryDocument } from '../../log/entry-document.ts';

/** Where a stream begins: some seconds before now, or after the last entry of an earlier stream. */
export type StreamStart = { readonly secondsAgo: number } | { readonly token: unknown };

/** Entries of all conversations in the order in which they were stored, each once a majority has it. */
export interface EntryStream {
  /** The next entry; waits until there is one. @throws when the stream fails or is closed */
  next(): Promise<EntryDocument>;
  /** Where another stream can continue: after the last entry that was read from this one. Absent if none was read. */
  readonly token: unknown;
  close(): Promise<void>;
}

/** Entries in one response; about 2 MB in memory at most. */
const BATCH = 250;
const PIPELINE = [
  { $match: { operationType: 'insert' } },
  { $project: { _id: 1, fullDocument: 1 } },
];
/**
 * Errors after which a stream cannot be resumed: CappedPositionLost, InvalidResumeToken,
 * ChangeStreamFatalError, ChangeStreamHistoryLost.
 */
const LOST = new Set([136, 260, 280, 286]);

/** Reads the inserts into `entries` from the change stream, which contains nothing that a failover can roll back. */
export class EntryStreamRepository {
  readonly #db: Db;
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** Opens a stream. Every entry that is stored after its start is read from it. */
  async open(start: StreamStart): Promise<EntryStream> {
    const place =
      'token' in start
        ? { resumeAfter: start.token }
        : { startAtOperationTime: await this.#time(start.secondsAgo) };
    const stream = this.#entries.watch<EntryDocument, ChangeStreamInsertDocument<EntryDocument>>(
      PIPELINE,
      { ...place, batchSize: BATCH },
    );
    try {
      // The cursor opens with the first read.
      let first = await stream.tryNext();
      return {
        async next() {
          const change = first ?? (await stream.next());
          first = null;
          return change.fullDocument;
        },
        get token() {
          return first === null ? stream.resumeToken : undefined;
        },
        close: () => stream.close(),
      };
    } catch (error) {
      await stream.close();
      throw error;
    }
  }

  /** Whether a stream cannot start at the given position, because the oplog no longer has the changes after it. */
  isLost(error: unknown): boolean {
    return error instanceof MongoServerError && LOST.has(Number(error.code));
  }

  /** The time of the cluster some seconds ago. It follows the clock of the primary and never goes back. */
  async #time(secondsAgo: number): Promise<Timestamp> {
    const { operationTime } = await this.#db.command({ ping: 1 });
    const { t } = operationTime as Timestamp;
    return new Timestamp({ t: Math.max(1, t - Math.ceil(secondsAgo)), i: 1 });
  }
}
