import type { Migration } from '@parley/backend-common';

/** Indexes of the push outbox, and of the nodes that may have messages without a scheduled push in memory. */
export const pushesMigration: Migration = {
  id: 'messaging-004-pushes',
  async up(db) {
    await db.collection('push_outbox').createIndexes([
      {
        key: { dueAt: 1 },
        name: 'due',
        partialFilterExpression: { dueAt: { $exists: true } },
      },
      { key: { removeAt: 1 }, name: 'removal', expireAfterSeconds: 0 },
    ]);
    await db.collection('nodes').createIndexes([{ key: { aliveUntil: 1 }, name: 'alive' }]);
  },
};
