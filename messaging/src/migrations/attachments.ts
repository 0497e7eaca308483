import type { Migration } from '@parley/backend-common';

/** Indexes of attachments and of the daily quotas. */
export const attachmentsMigration: Migration = {
  id: 'messaging-005-attachments',
  async up(db) {
    await db.collection('attachments').createIndexes([
      {
        key: { ownerId: 1, slot: 1 },
        name: 'slot',
        unique: true,
        partialFilterExpression: { slot: { $exists: true } },
      },
      {
        key: { dueAt: 1 },
        name: 'due',
        partialFilterExpression: { dueAt: { $exists: true } },
      },
      { key: { conversationId: 1 }, name: 'conversation' },
    ]);
    await db
      .collection('attachment_quotas')
      .createIndexes([{ key: { removeAt: 1 }, name: 'ttl', expireAfterSeconds: 0 }]);
  },
};
