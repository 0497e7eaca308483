import type { Migration } from '@parley/backend-common';

/** Indexes of the devices that receive pushes. */
export const devicesMigration: Migration = {
  id: 'messaging-003-devices',
  async up(db) {
    await db.collection('devices').createIndexes([
      { key: { token: 1 }, name: 'token', unique: true },
      { key: { sessionId: 1 }, name: 'session', unique: true },
      { key: { userId: 1, slot: 1 }, name: 'user', unique: true },
    ]);
  },
};
