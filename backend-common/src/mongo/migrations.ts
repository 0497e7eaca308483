import { randomUUID } from 'node:crypto';
import { SECOND } from '@parley/common';
import { MongoServerError, type Db } from 'mongodb';

import type { Logger } from '../logging/logger.ts';

/** One step of the database's form. A migration that has landed is never changed, only followed by another. */
export interface Migration {
  /** `<workspace>-NNN-title`; run in the order of the list. */
  readonly id: string;
  /** May run again after a crash: must be idempotent. */
  up(db: Db): Promise<void>;
}

interface MigrationDocument {
  _id: string;
  doneAt?: Date;
}

interface LockDocument {
  _id: 'lock';
  holder: string;
  until: Date;
}

const LEASE = 60 * SECOND;

/** Runs the migrations that have not run yet, under a lock that one process holds, and records each. */
export async function migrate(
  db: Db,
  migrations: readonly Migration[],
  logger: Logger,
): Promise<void> {
  const done = db.collection<MigrationDocument>('migrations');
  const isDone = async () => {
    const ids = migrations.map(({ id }) => id);
    const found = await done.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
    return new Set(found.map(({ _id }) => _id));
  };
  if ((await isDone()).size === migrations.length) return;

  const release = await acquireLock(db, logger);
  try {
    const finished = await isDone();
    for (const migration of migrations) {
      if (finished.has(migration.id)) continue;
      await migration.up(db);
      await done.updateOne(
        { _id: migration.id },
        { $set: { doneAt: new Date() } },
        { upsert: true },
      );
      logger.info({ migration: migration.id }, 'Migrated');
    }
  } finally {
    await release();
  }
}

async function acquireLock(db: Db, logger: Logger): Promise<() => Promise<void>> {
  const locks = db.collection<LockDocument>('migration_lock');
  const holder = randomUUID();
  const take = async () => {
    try {
      const result = await locks.updateOne(
        { _id: 'lock', $expr: { $lt: ['$until', '$$NOW'] } },
        [{ $set: { holder, until: { $add: ['$$NOW', LEASE] } } }],
        { upsert: true },
      );
      return result.matchedCount + result.upsertedCount > 0;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 11000) return false;
      throw error;
    }
  };
  while (!(await take())) {
    logger.info('Waiting for another process to migrate the database');
    await new Promise((resolve) => setTimeout(resolve, SECOND / 4));
  }
  return async () => {
    await locks.deleteOne({ _id: 'lock', holder });
  };
}
