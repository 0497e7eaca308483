import type { Migration } from '@parley/backend-common';

/** Indexes of the invitations that users have not answered. */
export const invitationsMigration: Migration = {
  id: 'messaging-006-invitations',
  async up(db) {
    await db.collection('invitations').createIndexes([
      { key: { userId: 1, declined: 1, kind: 1, at: 1 }, name: 'user' },
      { key: { addedBy: 1, userId: 1, kind: 1 }, name: 'pair' },
      { key: { addedBy: 1, at: 1 }, name: 'adder' },
      { key: { removeAt: 1 }, name: 'ttl', expireAfterSeconds: 0 },
    ]);
  },
};
