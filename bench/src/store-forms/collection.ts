import { type Db, type Document } from 'mongodb';

import { type Form, type Lookup } from './form.ts';
import { type Sample } from './messages.ts';

/** The write concern of the log: what is acknowledged is in the journals of a majority. */
const WRITE_CONCERN = { w: 'majority', j: true };
/** Rounds in progress at the same time, as in the log. */
const IN_PROGRESS = 2;
const MEBIBYTE = 1024 * 1024;

/** The size of a collection after a checkpoint, in bytes. */
export interface Size {
  readonly data: number;
  readonly indexes: Readonly<Record<string, number>>;
  /** Bytes of these files that are free, and are reused by later messages. */
  readonly reusable: number;
}

/** The messages of a form in a collection of their own. */
export class FormCollection {
  readonly #db: Db;
  readonly #form: Form;
  readonly #name: string;

  private constructor(db: Db, form: Form, name: string) {
    this.#db = db;
    this.#form = form;
    this.#name = name;
  }

  /** Creates the collection and its indexes. */
  static async create(db: Db, form: Form, name = 'entries'): Promise<FormCollection> {
    const collection = await db.createCollection(name, { ...form.collection });
    if (form.indexes.length > 0) await collection.createIndexes([...form.indexes]);
    return new FormCollection(db, form, name);
  }

  /** Inserts messages in rounds of `perRound`, two at a time. @throws when one is refused */
  async write(next: () => Sample, count: number, perRound: number): Promise<void> {
    let left = count;
    const lane = async () => {
      while (left > 0) {
        const size = Math.min(left, perRound);
        left -= size;
        await this.insert(Array.from({ length: size }, next));
      }
    };
    await Promise.all(Array.from({ length: IN_PROGRESS }, lane));
  }

  /** Inserts messages with one ordered command, as the log does. @throws when one is refused */
  async insert(messages: readonly Sample[]): Promise<void> {
    const answer = await this.#db.command({
      insert: this.#name,
      documents: messages.map((message) => this.#form.shape.document(message)),
      ordered: true,
      writeConcern: WRITE_CONCERN,
    });
    if (answer['writeErrors'] === undefined && answer['writeConcernError'] === undefined) return;
    throw new Error(`Messages were not stored: ${JSON.stringify(answer)}`);
  }

  /** Whether the form has the index that a look-up uses. */
  has({ hint }: Lookup): boolean {
    if (hint === undefined || hint === '_id_') return true;
    return this.#form.indexes.some(({ name }) => name === hint);
  }

  find({ filter, hint, limit, projection, sort }: Lookup): Promise<Document[]> {
    const options = {
      ...(hint === undefined ? {} : { hint }),
      ...(sort === undefined ? {} : { sort }),
      ...(projection === undefined ? {} : { projection }),
    };
    const collection = this.#db.collection(this.#name, { readConcern: { level: 'majority' } });
    return collection.find(filter, { ...options, limit, batchSize: limit + 1 }).toArray();
  }

  /** The size of the collection's files. They change at a checkpoint only. */
  async size(): Promise<Size> {
    const stats = await this.#db.command({ collStats: this.#name, indexDetails: true });
    const details = stats['indexDetails'] as Record<string, Table>;
    const tables = [stats['wiredTiger'] as Table, ...Object.values(details)];
    return {
      data: Number(stats['storageSize']),
      indexes: stats['indexSizes'] as Record<string, number>,
      reusable: tables.reduce((sum, table) => sum + reusableIn(table), 0),
    };
  }
}

/** WiredTiger's statistics of a file. */
interface Table {
  readonly 'block-manager': Readonly<Record<string, number>>;
}

function reusableIn({ 'block-manager': file }: Table): number {
  return file['file bytes available for reuse'] ?? 0;
}

/** Writes a checkpoint, and waits until it is complete. */
export async function checkpoint(db: Db): Promise<void> {
  await db.client.db('admin').command({ fsync: 1 });
}

/** Counters of the storage engine of the whole server. */
export interface PageCounts {
  /** Pages that operations have looked at. */
  readonly requested: number;
  /** Pages that were not in the cache. */
  readonly read: number;
  readonly mebibytesRead: number;
  readonly mebibytesWritten: number;
}

export async function pageCounts(db: Db): Promise<PageCounts> {
  const { wiredTiger } = await db.client.db('admin').command({ serverStatus: 1 });
  const { cache } = wiredTiger as { cache: Record<string, number> };
  const block = (wiredTiger as Record<string, Record<string, number>>)['block-manager'] ?? {};
  return {
    requested: cache['pages requested from the cache'] ?? Number.NaN,
    read: cache['pages read into cache'] ?? Number.NaN,
    mebibytesRead: (block['bytes read'] ?? Number.NaN) / MEBIBYTE,
    mebibytesWritten: (block['bytes written'] ?? Number.NaN) / MEBIBYTE,
  };
}
