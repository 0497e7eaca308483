import type { Migration } from '../../mongo/migrations.ts';

/** Brings `blocks` to its form; every service that reads them has it in its list, and the first one does it. */
export const blocksMigration: Migration = {
  id: 'shared-001-blocks',
  async up(db) {
    await db.collection('blocks').createIndexes([
      { key: { userId: 1, active: 1, blockedId: 1 }, name: 'own' },
      { key: { blockedId: 1, active: 1, userId: 1 }, name: 'others' },
      { key: { changedAt: 1, userId: 1, blockedId: 1 }, name: 'changes' },
      { key: { removeAt: 1 }, name: 'ttl', expireAfterSeconds: 0 },
    ]);
  },
};
