import type { Migration } from '@parley/backend-common';
import { blocksMigration } from '@parley/backend-common/domain';

import { kindsIn } from '../log/entry-document.ts';
import { accountRemovalsMigration } from './account-removals.ts';
import { attachmentsMigration } from './attachments.ts';
import { compressionMigration } from './compression.ts';
import { devicesMigration } from './devices.ts';
import { engagementMigration } from './engagement.ts';
import { invitationsMigration } from './invitations.ts';
import { memberChangesMigration } from './member-changes.ts';
import { partnersMigration } from './partners.ts';
import { pushesMigration } from './pushes.ts';

/** The migrations of the collections of the messaging service, in the order in which they run. */
export const messagingMigrations: readonly Migration[] = [
  compressionMigration,
  {
    id: 'messaging-001-log',
    async up(db) {
      await db.collection('entries').createIndexes([
        { key: { conversationId: 1, seq: 1 }, name: 'seq', unique: true },
        { key: { conversationId: 1, senderId: 1, clientId: 1 }, name: 'client', unique: true },
        {
          key: { conversationId: 1, seq: 1, kind: 1 },
          name: 'membership',
          partialFilterExpression: { kind: kindsIn('membership') },
        },
        {
          key: { conversationId: 1, seq: -1 },
          name: 'ops',
          partialFilterExpression: { kind: kindsIn('ops') },
        },
        {
          key: { conversationId: 1, messageId: 1 },
          name: 'deletion',
          unique: true,
          partialFilterExpression: { kind: 'deletion' },
        },
      ]);
      await db.collection('conversations').createIndexes([
        {
          key: { directKey: 1 },
          name: 'direct',
          unique: true,
          partialFilterExpression: { directKey: { $exists: true } },
        },
        {
          key: { createdBy: 1, clientId: 1 },
          name: 'creation',
          unique: true,
          partialFilterExpression: { clientId: { $exists: true } },
        },
        { key: { _id: 1, 'summary.lastAt': 1 }, name: 'activity' },
      ]);
      await db.collection('members').createIndexes([
        { key: { userId: 1, present: 1, conversationId: 1 }, name: 'user' },
        { key: { conversationId: 1, present: 1, userId: 1 }, name: 'conversation' },
      ]);
      await db.collection('cursors').createIndexes([
        { key: { sessionId: 1, conversationId: 1 }, name: 'session' },
        { key: { removeAt: 1 }, name: 'ttl', expireAfterSeconds: 0 },
      ]);
    },
  },
  {
    id: 'messaging-002-lists',
    async up(db) {
      await db.collection('members').createIndexes([
        {
          key: { userId: 1, present: 1, 'settings.pinned': 1, conversationId: 1 },
          name: 'pinned',
          partialFilterExpression: { present: true, 'settings.pinned': true },
        },
      ]);
      await db.collection('conversations').createIndexes([
        {
          key: { erasedAt: 1 },
          name: 'erased',
          partialFilterExpression: { erasedAt: { $exists: true } },
        },
      ]);
    },
  },
  devicesMigration,
  partnersMigration,
  pushesMigration,
  blocksMigration,
  attachmentsMigration,
  invitationsMigration,
  accountRemovalsMigration,
  engagementMigration,
  memberChangesMigration,
];
