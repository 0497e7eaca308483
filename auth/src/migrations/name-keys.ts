import type { Migration } from '@parley/backend-common';
import { searchKeys } from '@parley/common';

const BATCH = 1_000;

interface Named {
  _id: string;
  displayName: string | null;
  nameKeys?: string[];
}

/**
 * Writes the keys by which users are found: each word of their names, folded. The index `name` and the field `nameKey`
 * stay, because processes of the previous version search by them until they are replaced.
 */
export const nameKeysMigration: Migration = {
  id: 'auth-003-name-keys',
  async up(db) {
    const users = db.collection<Named>('users');
    let after = '';
    for (;;) {
      const page = await users
        .find({ _id: { $gt: after } }, { projection: { displayName: 1 } })
        .sort({ _id: 1 })
        .limit(BATCH)
        .toArray();
      const last = page.at(-1);
      if (last === undefined) break;
      await users.bulkWrite(
        page.map(({ _id, displayName }) => ({
          updateOne: {
            // If the name was changed since it was read, the change has written its keys.
            filter: { _id, displayName },
            update: { $set: { nameKeys: displayName === null ? [] : searchKeys(displayName) } },
          },
        })),
        { ordered: false },
      );
      after = last._id;
    }
    await users.createIndexes([{ name: 'nameKeys', key: { nameKeys: 1 } }]);
  },
};
