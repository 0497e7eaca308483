import type { Db, Migration } from '@parley/backend-common';
import { searchForms, searchKeys } from '@parley/common';

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
    await writeKeys(db, () => true);
    await db.collection('users').createIndexes([{ name: 'nameKeys', key: { nameKeys: 1 } }]);
  },
};

/** Adds the keys of names that have letters which are also written as two: "mueller" for "Müller". */
export const spelledNamesMigration: Migration = {
  id: 'auth-006-spelled-names',
  up: (db) => writeKeys(db, (name) => name !== null && searchForms(name).length > 1),
};

/** Writes the keys of the users whose names are concerned. It may be interrupted anywhere, and then begins again. */
async function writeKeys(db: Db, isConcerned: (name: string | null) => boolean): Promise<void> {
  const users = db.collection<Named>('users');
  let after = '';
  for (;;) {
    const page = await users
      .find({ _id: { $gt: after } }, { projection: { displayName: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();
    const last = page.at(-1);
    if (last === undefined) return;
    const concerned = page.filter(({ displayName }) => isConcerned(displayName));
    if (concerned.length > 0) await users.bulkWrite(concerned.map(update), { ordered: false });
    after = last._id;
  }
}

function update({ _id, displayName }: Named) {
  return {
    updateOne: {
      // If the name was changed since it was read, the change has written its keys.
      filter: { _id, displayName },
      update: { $set: { nameKeys: displayName === null ? [] : searchKeys(displayName) } },
    },
  };
}
