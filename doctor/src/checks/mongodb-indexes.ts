import { authMigrations } from '@parley/auth';
import { expectedIndexes, type Db, type ExpectedIndex } from '@parley/backend-common';
import { messagingMigrations } from '@parley/messaging';

import { failure, ok, warning, type Check, type Finding } from '../finding.ts';
import { withMongo } from './with-mongo.ts';

const MIGRATIONS = [
  ...new Map([...authMigrations, ...messagingMigrations].map((each) => [each.id, each])).values(),
];
/** MongoDB's error code for a collection that does not exist. */
const NO_COLLECTION = 26;
/** The options of an index that are compared. The others do not change its effect. */
const OPTIONS = ['unique', 'expireAfterSeconds', 'partialFilterExpression'] as const;

type Index = Readonly<Record<string, unknown>>;

export const mongodbIndexes: Check = {
  name: 'mongodb-indexes',
  run: (context) => withMongo(context, ({ db }) => compare(db)),
};

async function compare(db: Db): Promise<Finding> {
  const found = await db
    .collection<{ _id: string }>('migrations')
    .find({ _id: { $in: MIGRATIONS.map(({ id }) => id) } })
    .toArray();
  const done = new Set(found.map(({ _id }) => _id));
  if (done.size === 0) {
    return ok('The database is new; auth and messaging create what it needs when they start.');
  }
  const expected = await expectedIndexes(MIGRATIONS.filter(({ id }) => done.has(id)));
  const wrong = await differing(db, expected);
  if (wrong.length > 0) {
    return failure(
      `Indexes are missing or differ from what Parley creates: ${wrong.map(nameOf).join(', ')}.`,
      ['Run in mongosh:', ...wrong.flatMap(commandsFor)].join('\n'),
    );
  }
  const pending = MIGRATIONS.filter(({ id }) => !done.has(id)).map(({ id }) => id);
  if (pending.length > 0) {
    return warning(
      `Migrations have not been run: ${pending.join(', ')}.`,
      'Start auth and messaging of this version; they run them.',
    );
  }
  return ok(`All ${expected.length} indexes exist.`);
}

interface WrongIndex extends ExpectedIndex {
  /** Whether another index has its name and must be dropped first. */
  readonly isInTheWay: boolean;
}

async function differing(db: Db, expected: readonly ExpectedIndex[]): Promise<WrongIndex[]> {
  const names = [...new Set(expected.map(({ collection }) => collection))];
  const present = new Map(
    await Promise.all(names.map(async (name) => [name, await indexesOf(db, name)] as const)),
  );
  return expected.flatMap((each) => {
    const namesake = (present.get(each.collection) ?? []).find(
      ({ name }) => name === each.index.name,
    );
    if (namesake !== undefined && isSame(namesake, { ...each.index })) return [];
    return [{ ...each, isInTheWay: namesake !== undefined }];
  });
}

async function indexesOf(db: Db, collection: string): Promise<readonly Index[]> {
  try {
    return (await db.collection(collection).listIndexes().toArray()) as Index[];
  } catch (error) {
    if ((error as { code?: unknown }).code === NO_COLLECTION) return [];
    throw error;
  }
}

function isSame(present: Index, wanted: Index): boolean {
  // As JSON, because the order of the fields decides which queries an index supports.
  if (JSON.stringify(present['key']) !== JSON.stringify(wanted['key'])) return false;
  return OPTIONS.every((name) => JSON.stringify(present[name]) === JSON.stringify(wanted[name]));
}

function nameOf({ collection, index }: WrongIndex): string {
  return `${collection}.${index.name ?? ''}`;
}

function commandsFor({ collection, index, isInTheWay }: WrongIndex): string[] {
  const { key, ...options } = index;
  const on = `db.getCollection(${JSON.stringify(collection)})`;
  const create = `${on}.createIndex(${JSON.stringify(key)}, ${JSON.stringify(options)})`;
  return isInTheWay ? [`${on}.dropIndex(${JSON.stringify(index.name)})`, create] : [create];
}
