import type { Migration } from '@parley/backend-common';

/** Indexes of what engagement is counted from. */
export const engagementMigration: Migration = {
  id: 'messaging-008-engagement',
  async up(db) {
    const ttl = { key: { removeAt: 1 }, name: 'ttl', expireAfterSeconds: 0 } as const;
    const ofDay = { key: { day: 1 }, name: 'day' } as const;
    await db.collection('engagement_people').createIndexes([ttl]);
    await db.collection('engagement_conversations').createIndexes([ofDay, ttl]);
    await db.collection('engagement_counts').createIndexes([ofDay, ttl]);
  },
};
