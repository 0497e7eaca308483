import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { authMigrations, startAuth } from '@parley/auth';
import {
  expectedIndexes,
  migrate,
  type Db,
  type Migration,
  type RunningService,
} from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import { messagingMigrations, startMessaging } from '@parley/messaging';

import { fetchWithin } from './support/patience.ts';

const SECRET = 'a secret of at least thirty-two bytes';
const KILLED = fileURLToPath(new URL('fixtures/killed-migration.ts', import.meta.url));
const NAME_KEYS = 'auth-003-name-keys';
/** Runs first, but no version before it has had it. */
const COMPRESSION = 'messaging-009-compression';
const FORMER = messagingMigrations.filter(({ id }) => id !== COMPRESSION);
const VERSIONS = Math.max(authMigrations.length, FORMER.length);
/** What services write by themselves while they run. */
const CHANGES_ALWAYS = new Set(['migrations', 'migration_lock', 'nodes', 'presence']);

interface Person {
  readonly id: string;
  readonly token: string;
}

/** The documents of a database, by collection and id. */
type Documents = Map<string, Map<string, Record<string, unknown>>>;

describe('upgrading a database that an earlier version has made', () => {
  const databases: TestMongo[] = [];
  const services: RunningService[] = [];
  let recorded: Documents;
  let ann: Person;
  let conversationId: string;

  async function database(): Promise<TestMongo> {
    const mongo = await testMongo();
    databases.push(mongo);
    return mongo;
  }

  async function auth(uri: string): Promise<RunningService> {
    const env = { MONGODB_URI: uri, PARLEY_SECRET: SECRET, PARLEY_RATE_LIMITS: 'off' };
    const service = await startAuth(env, { logger: silentLogger() });
    services.push(service);
    return service;
  }

  async function messaging(uri: string): Promise<RunningService> {
    const env = { MONGODB_URI: uri, PARLEY_SECRET: SECRET, PARLEY_RATE_LIMITS: 'off' };
    const service = await startMessaging(env, { logger: silentLogger(), checkOutput: true });
    services.push(service);
    return service;
  }

  async function closeServices(): Promise<void> {
    await Promise.all(services.splice(0).map((service) => service.close()));
  }

  before(async () => {
    const mongo = await database();
    const [accounts, node] = [await auth(mongo.uri), await messaging(mongo.uri)];
    ann = await register(accounts, { username: 'ann', displayName: 'Ann Bïrdson' });
    const ben = await register(accounts, { username: 'ben', displayName: 'Ben' });
    const group = { kind: 'group', title: 'Friends', userIds: [ben.id] };
    conversationId = String((await call(node, ann, '/conversations', group))['id']);
    for (const text of ['one', 'two']) await send(node, ann, { conversationId, text });
    await call(node, ben, '/linking', {});
    await closeServices();
    recorded = await documentsOf(mongo.db);
  });
  afterEach(closeServices);
  after(() => Promise.all(databases.map((mongo) => mongo.drop())));

  /** A database as the version with these migrations has left it. */
  async function earlier(migrations: readonly Migration[]): Promise<TestMongo> {
    const mongo = await database();
    await migrate(mongo.db, migrations, silentLogger());
    const hasNameKeys = migrations.some(({ id }) => id === NAME_KEYS);
    for (const [name, documents] of recorded) {
      if (CHANGES_ALWAYS.has(name) || documents.size === 0) continue;
      const of = [...documents.values()].map((document) =>
        name === 'users' && !hasNameKeys ? withoutNameKeys(document) : document,
      );
      await mongo.db.collection(name).insertMany(of);
    }
    return mongo;
  }

  /** Asserts that everything is there that was there, that people are found, and that all indexes exist. */
  async function assertUpgraded(mongo: TestMongo, accounts: RunningService): Promise<void> {
    const found = await call(accounts, ann, '/users?prefix=birdson');
    assert.deepEqual(
      (found['users'] as { id: string }[]).map(({ id }) => id),
      [ann.id],
    );
    const now = await documentsOf(mongo.db);
    for (const [name, documents] of recorded) {
      if (CHANGES_ALWAYS.has(name)) continue;
      for (const [id, document] of documents) {
        assert.deepEqual(unchanging(now.get(name)?.get(id)), unchanging(document), `${name} ${id}`);
      }
    }
    const all = [...authMigrations, ...messagingMigrations];
    for (const { collection, index } of await expectedIndexes(all)) {
      assert.ok(await mongo.db.collection(collection).indexExists(index.name!), index.name);
    }
    assert.deepEqual(
      [...now.get('migrations')!.keys()].sort(),
      [...new Set(all.map(({ id }) => id))].sort(),
    );
    assert.equal(now.get('migration_lock')?.size ?? 0, 0);
  }

  for (let version = 0; version <= VERSIONS; version += 1) {
    it(`loses nothing after the first ${version} migrations of each service, while a node serves`, async () => {
      const mongo = await earlier([
        ...authMigrations.slice(0, version),
        ...FORMER.slice(0, version),
      ]);
      const node = await messaging(mongo.uri);
      const over = new AbortController();
      let sent = 0;
      const sending = (async () => {
        for (; !over.signal.aborted || sent === 0; sent += 1) {
          await send(node, ann, { conversationId, text: `while upgrading ${sent}` });
        }
      })();
      const accounts = await auth(mongo.uri);
      over.abort();
      await sending;
      await assertUpgraded(mongo, accounts);
      const messages = await mongo.db.collection('entries').countDocuments({ kind: 'message' });
      assert.equal(messages, sent + 2);
    });
  }

  it('goes on after a process that was killed inside a migration', async () => {
    const steps = [
      ...['auth-001-indexes', NAME_KEYS].map((id) => ['auth', id] as const),
      ...[COMPRESSION, 'messaging-001-log', 'messaging-002-lists'].map(
        (id) => ['messaging', id] as const,
      ),
    ];
    await Promise.all(
      steps.map(async ([service, id]) => {
        const mongo = await earlier([]);
        const options = { env: { ...process.env, MONGODB_URI: mongo.uri } };
        const args = ['--import', 'tsx', '--conditions=source', KILLED, service, id];
        const [, signal] = await once(spawn(process.execPath, args, options), 'exit');
        assert.equal(signal, 'SIGKILL');
        assert.ok(!(await documentsOf(mongo.db)).get('migrations')?.has(id));
        const [accounts] = await Promise.all([auth(mongo.uri), messaging(mongo.uri)]);
        await assertUpgraded(mongo, accounts);
      }),
    );
  }).timeout(120_000);
});

async function call(
  { url }: RunningService,
  as: Person | undefined,
  ...[path, body]: [path: string, body?: object]
): Promise<Record<string, unknown>> {
  const answer = await fetchWithin(`${url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as.token}` }),
      'content-type': 'application/json',
    },
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

async function register(accounts: RunningService, names: object): Promise<Person> {
  const body = { ...names, password: 'a long enough secret' };
  const { sessionToken, user } = await call(accounts, undefined, '/auth/register', body);
  return { id: (user as { id: string }).id, token: String(sessionToken) };
}

async function send(
  node: RunningService,
  as: Person,
  { conversationId, text }: { conversationId: string; text: string },
): Promise<void> {
  const body = { text, clientId: text.replaceAll(' ', '-') };
  await call(node, as, `/conversations/${conversationId}/messages`, body);
}

async function documentsOf(db: Db): Promise<Documents> {
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(
    ({ name }) => name,
  );
  const found = names.map(async (name) => {
    const documents = await db.collection(name).find().toArray();
    return [name, new Map(documents.map((each) => [String(each['_id']), each]))] as const;
  });
  return new Map(await Promise.all(found));
}

/** A user as versions before the migration of the name keys have written it. */
function withoutNameKeys(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const nameKey = String(document['displayName']).toLowerCase();
  return { ...without(document, ['nameKeys']), nameKey };
}

/** A document without what changes when its conversation gets messages or its session is used. */
function unchanging(document: Readonly<Record<string, unknown>> | undefined): object {
  assert.ok(document !== undefined, 'A document is lost');
  return without(document, ['expiresAt', 'lastSeenAt', 'nameKey', 'summary']);
}

function without(document: Readonly<Record<string, unknown>>, fields: readonly string[]) {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !fields.includes(name)));
}
