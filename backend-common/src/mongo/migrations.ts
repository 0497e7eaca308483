import { setTimeout as delay } from 'node:timers/promises';
import { SECOND } from '@parley/common';
import type { Db } from 'mongodb';

import type { Logger } from '../logging/logger.ts';
import { LeaseQueue } from '../work/lease-queue.ts';
import type { Lease } from '../work/lease.ts';

/** One change of collections or indexes. A migration that has landed is never changed, only followed by another. */
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
  _id: string;
  holder?: string;
  until?: Date;
}

/**
 * Milliseconds for which a process that died inside a migration keeps the others waiting. The lease is renewed three
 * times in it; a shorter one would be lost to an election of the database.
 */
const LEASE = 12 * SECOND;
const RETRY_EVERY = SECOND / 4;

/** Runs the migrations that have not run yet, under a lock that one process holds, and records each. */
export async function migrate(
  db: Db,
  migrations: readonly Migration[],
  logger: Logger,
): Promise<void> {
  if ((await findPending(db, migrations)).length === 0) return;
  const lock = new LeaseQueue(db.collection<LockDocument>('migration_lock'), {
    name: 'migrations',
    fields: { due: 'until', token: 'holder' },
    duration: LEASE,
  });
  const lease = await acquire(lock, logger);
  try {
    // An index of a large collection takes longer than one lease.
    await lock.hold(lease, async (lost) => {
      for (const migration of await findPending(db, migrations)) {
        lost.throwIfAborted();
        await run(db, migration);
        logger.info({ migration: migration.id }, 'Migrated');
      }
    });
  } finally {
    await lock.remove(lease);
  }
}

async function findPending(db: Db, migrations: readonly Migration[]): Promise<Migration[]> {
  const ids = migrations.map(({ id }) => id);
  const found = await db
    .collection<MigrationDocument>('migrations')
    .find({ _id: { $in: ids } }, { projection: { _id: 1 } })
    .toArray();
  const done = new Set(found.map(({ _id }) => _id));
  return migrations.filter(({ id }) => !done.has(id));
}

async function run(db: Db, migration: Migration): Promise<void> {
  await migration.up(db);
  await db
    .collection<MigrationDocument>('migrations')
    .updateOne({ _id: migration.id }, { $set: { doneAt: new Date() } }, { upsert: true });
}

async function acquire(lock: LeaseQueue<LockDocument>, logger: Logger): Promise<Lease> {
  for (let attempt = 0; ; attempt += 1) {
    const lease = await lock.take('lock', { upsert: true });
    if (lease !== null) return lease;
    if (attempt === 0) logger.info('Waiting for another process to migrate the database');
    await delay(RETRY_EVERY);
  }
}
