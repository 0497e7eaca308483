import type { Migration } from '@parley/backend-common';

/** Indexes of statuses, partnerships, link codes and wrong attempts. */
export const partnersMigration: Migration = {
  id: 'messaging-003-partners',
  async up(db) {
    await db.collection('statuses').createIndexes([
      {
        key: { endsAt: 1 },
        name: 'due',
        partialFilterExpression: { endsAt: { $exists: true } },
      },
      {
        key: { tellAt: 1 },
        name: 'untold',
        partialFilterExpression: { tellAt: { $exists: true } },
      },
    ]);
    await db
      .collection('partnerships')
      .createIndexes([{ key: { userIds: 1 }, name: 'people', unique: true }]);
    await db.collection('link_codes').createIndexes([
      { key: { hash: 1 }, name: 'code', unique: true },
      { key: { expiresAt: 1 }, name: 'ttl', expireAfterSeconds: 0 },
    ]);
    await db
      .collection('link_guesses')
      .createIndexes([{ key: { removeAt: 1 }, name: 'ttl', expireAfterSeconds: 0 }]);
  },
};
