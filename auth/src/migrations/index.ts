import type { Migration } from '@parley/backend-common';
import { blocksMigration } from '@parley/backend-common/domain';

import { nameKeysMigration, spelledNamesMigration } from './name-keys.ts';

/** The migrations of auth's collections, in their order. A released migration is never changed. */
export const migrations: readonly Migration[] = [
  {
    id: 'auth-001-indexes',
    async up(db) {
      await db.collection('users').createIndexes([
        { name: 'username', key: { username: 1 }, unique: true },
        { name: 'name', key: { nameKey: 1 } },
      ]);
      await db.collection('sessions').createIndexes([
        { name: 'token', key: { tokenHash: 1 }, unique: true },
        { name: 'user', key: { userId: 1, lastSeenAt: -1, _id: -1 } },
        {
          name: 'revoked',
          key: { revokedAt: 1 },
          partialFilterExpression: { revokedAt: { $gt: 0 } },
        },
        { name: 'removal', key: { removeAt: 1 }, expireAfterSeconds: 0 },
      ]);
      for (const name of ['login_limits', 'login_places']) {
        await db
          .collection(name)
          .createIndexes([{ name: 'removal', key: { removeAt: 1 }, expireAfterSeconds: 0 }]);
      }
    },
  },
  {
    id: 'auth-002-changed-profiles',
    async up(db) {
      await db.collection('users').createIndexes([
        {
          name: 'changed',
          key: { profileChangedAt: 1 },
          partialFilterExpression: { profileChangedAt: { $gt: 0 } },
        },
      ]);
    },
  },
  blocksMigration,
  nameKeysMigration,
  {
    id: 'auth-004-removals',
    async up(db) {
      await db.collection('users').createIndexes([
        {
          name: 'removal',
          key: { removalSince: 1 },
          partialFilterExpression: { removalSince: { $gt: 0 } },
        },
      ]);
    },
  },
  {
    id: 'auth-005-password-resets',
    async up(db) {
      await db.collection('password_resets').createIndexes([
        { name: 'token', key: { tokenHash: 1 }, unique: true },
        { name: 'removal', key: { expiresAt: 1 }, expireAfterSeconds: 0 },
      ]);
    },
  },
  spelledNamesMigration,
];
