import type { Migration } from '@parley/backend-common';

/** The queue of accounts that are removed, and the files of one owner. */
export const accountRemovalsMigration: Migration = {
  id: 'messaging-007-account-removals',
  async up(db) {
    await db.collection('account_removals').createIndexes([{ key: { dueAt: 1 }, name: 'due' }]);
    await db.collection('attachments').createIndexes([
      {
        key: { ownerId: 1, state: 1 },
        name: 'owner',
      },
    ]);
  },
};
