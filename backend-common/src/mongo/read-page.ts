import { MongoError, MongoNetworkError, type Db, type Document, type Filter } from 'mongodb';

import { BsonDocuments, readBson } from './bson-reader.ts';

/** A page of a collection: what a `find` says. */
export interface PageQuery<Stored extends Document> {
  readonly collection: string;
  readonly filter: Filter<Stored>;
  /** Any order where it is absent. */
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  /** Everything where it is absent. */
  readonly projection?: Readonly<Record<string, 0 | 1>>;
  /** The index that it must use; the planner's choice where it is absent. */
  readonly hint?: string;
  readonly limit: number;
}

/** Codes after which a read may be repeated: the server steps down, stops or cannot be reached (retryable reads specification). */
const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/**
 * Reads a page with a majority read on the primary, in one command and one answer. The driver's cursor would fetch 101
 * documents first and turn each into an object by itself, which costs several times as much. Repeated once, as the
 * driver repeats reads.
 */
export async function readPage<Stored extends Document>(
  db: Db,
  query: PageQuery<Stored>,
): Promise<Stored[]> {
  const { firstBatch } = readBson(await find(db, query));
  return firstBatch as Stored[];
}

/** The same page, and what `read` makes of each document in place of an object. */
export async function readPageWith<Stored extends Document, Result>(
  db: Db,
  query: PageQuery<Stored>,
  reader: (documents: BsonDocuments) => (start: number) => Result,
): Promise<Result[]> {
  const documents = new BsonDocuments(await find(db, query));
  return documents.startsOf('firstBatch').map(reader(documents));
}

async function find<Stored extends Document>(
  db: Db,
  query: PageQuery<Stored>,
): Promise<Uint8Array> {
  try {
    return await findOnce(db, query);
  } catch (error) {
    if (!isRetryable(error)) throw error;
    return findOnce(db, query);
  }
}

async function findOnce<Stored extends Document>(
  db: Db,
  { collection, ...query }: PageQuery<Stored>,
): Promise<Uint8Array> {
  const command = {
    find: collection,
    ...query,
    batchSize: query.limit,
    singleBatch: true,
    readConcern: { level: 'majority' },
  };
  const answer = await db.command(command, { raw: true });
  return answer['cursor'] as Uint8Array;
}

function isRetryable(error: unknown): boolean {
  if (error instanceof MongoNetworkError) return true;
  return error instanceof MongoError && RETRYABLE.has(Number(error.code));
}
