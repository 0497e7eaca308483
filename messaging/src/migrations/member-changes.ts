import type { Migration } from '@parley/backend-common';

/** Finds which memberships of a user have changed. Memberships without `changedAt` have not changed since it is recorded. */
export const memberChangesMigration: Migration = {
  id: 'messaging-010-member-changes',
  async up(db) {
    await db
      .collection('members')
      .createIndexes([{ key: { userId: 1, changedAt: 1, conversationId: 1 }, name: 'changes' }]);
  },
};
