import type { Migration } from '@parley/backend-common';
import { MongoServerError } from 'mongodb';

/** Options of WiredTiger for a table. */
const ZSTD = { wiredTiger: { configString: 'block_compressor=zstd' } };
/** MongoDB's error code for a collection that exists. */
const EXISTS = 48;
/**
 * Codes with which a server refuses options of its storage engine: BadValue, FailedToParse, InvalidOptions,
 * CommandNotSupported, AtlasError.
 */
const REFUSED = [2, 9, 72, 115, 8000];

/**
 * Creates `entries` with data that are compressed by zstd. A collection cannot be changed to that, so one that exists
 * stays as it is. It is the first migration, because the next one would create the collection with MongoDB's defaults.
 * Indexes keep the defaults: each checkpoint writes most of their pages again, and would compress them again.
 */
export const compressionMigration: Migration = {
  id: 'messaging-009-compression',
  async up(db) {
    try {
      await db.createCollection('entries', { storageEngine: ZSTD });
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      // Without compression, everything works as well: the next migration creates the collection.
      if (![EXISTS, ...REFUSED].includes(Number(error.code))) throw error;
    }
  },
};
