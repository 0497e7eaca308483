import { randomUUID } from 'node:crypto';
import { SECOND } from '@parley/common';
import type { Collection, Db } from 'mongodb';

import type { Logger } from '../logging/logger.ts';
import { isDuplicateKey } from './errors.ts';

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
  const lock = db.collection<LockDocument>('migration_lock');
  const holder = randomUUID();
  let told = false;
  while (!(await takeLock(lock, holder))) {
    if (!told) logger.info('Waiting for another process to migrate the database');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, SECOND / 4));
  }
  // An index of a large collection takes longer than one lease.
  const renewal = setInterval(() => {
    takeLock(lock, holder).catch((error: unknown) => {
      logger.warn({ err: error }, 'The lock of the migrations could not be renewed');
    });
  }, LEASE / 3);
  return async () => {
    clearInterval(renewal);
    await lock.deleteOne({ _id: 'lock', holder });
  };
}

/** Takes the lock if nobody holds it, prolongs it if we do; answers whether we hold it. */
async function takeLock(lock: Collection<LockDocument>, holder: string): Promise<boolean> {
  const ours = {
    $or: [{ $eq: ['$holder', holder] }, { $lt: [{ $ifNull: ['$until', new Date(0)] }, '$$NOW'] }],
  };
  const until = { $add: ['$$NOW', LEASE] };
  const steps = [
    { $set: { ours } },
    {
      $set: {
        holder: { $cond: ['$ours', holder, '$holder'] },
        until: { $cond: ['$ours', until, '$until'] },
      },
    },
    { $unset: 'ours' },
  ];
  try {
    const held = await lock.findOneAndUpdate({ _id: 'lock' }, steps, {
      upsert: true,
      returnDocument: 'after',
    });
    return held?.holder === holder;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
