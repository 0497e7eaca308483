import type { Db, IndexDescription } from 'mongodb';

import type { Migration } from './migrations.ts';

/** An index that the migrations create. */
export interface ExpectedIndex {
  readonly collection: string;
  /** The migration that creates it. */
  readonly migration: string;
  readonly index: IndexDescription;
}

/**
 * The indexes that these migrations create. They are run on a database in memory that is empty and only records, so no
 * server is asked.
 */
export async function expectedIndexes(migrations: readonly Migration[]): Promise<ExpectedIndex[]> {
  const expected: ExpectedIndex[] = [];
  for (const migration of migrations) {
    const record = (collection: string, indexes: readonly IndexDescription[]) => {
      for (const index of indexes) expected.push({ collection, migration: migration.id, index });
    };
    await migration.up(recordingDb(record));
  }
  return expected;
}

/** The part of a database that migrations use. */
function recordingDb(record: (collection: string, indexes: IndexDescription[]) => void): Db {
  const empty = {
    sort: () => empty,
    limit: () => empty,
    project: () => empty,
    toArray: () => Promise.resolve([]),
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true }) }),
  };
  const collection = (name: string) => ({
    find: () => empty,
    createIndexes(indexes: IndexDescription[]) {
      record(name, indexes);
      return Promise.resolve([]);
    },
  });
  const createCollection = (name: string) => Promise.resolve(collection(name));
  return { collection, createCollection } as unknown as Db;
}
