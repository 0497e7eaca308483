import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testMongo, type TestMongo } from '@parley/backend-common/testing';

import { messagingMigrations } from '../src/migrations/index.ts';
import { seedCrowd } from './support/crowd.ts';
import { hintedRepositories, type RepositoryCases } from './support/query-cases/index.ts';
import { hasShardKey, recordingClient, type RecordingClient } from './support/shard-targeting.ts';

const ROOT = join(import.meta.dirname, '../..');
const COLLECTION = /collection<\w+>\('(\w+)'\)/g;

/** The collections that can be sharded, each by the hash of one field. docs/scaling.md gives the reasons. */
const SHARD_KEYS: Readonly<Record<string, string>> = {
  entries: 'conversationId',
  members: '_id',
  cursors: '_id',
  push_outbox: '_id',
};

/** The collections that stay on one shard. Some have a unique index that no shard key supports; the others are small. */
const UNSHARDED = [
  ...[
    'attachments',
    'attachment_quotas',
    'blocks',
    'conversations',
    'devices',
    'invitations',
    'link_codes',
  ],
  ...['engagement_conversations', 'engagement_counts', 'engagement_days', 'engagement_people'],
  ...['engagement_roll_up'],
  ...['account_removals', 'link_guesses', 'nodes', 'partnerships', 'presence', 'statuses'],
];

/**
 * The methods that send a command on a sharded collection to all shards, and why that is acceptable. None of them is
 * called for each message: sending, delivering, receipts and the scheduling of pushes know the shard.
 */
const SCATTERED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'messaging/src/conversations/member-repository.ts': {
    receiptsOf: 'a list of conversations, whose members are on all shards',
    progressOf: 'the delivery report of one message',
    conversationIdsOf: 'a list of conversations',
    pageOf: 'the sync of one connection',
    allOf: 'the unread counts of one user',
    pinnedIdsOf: 'a list of conversations',
    countsOf: 'an invitation to a conversation',
    removeAll: 'the removal of an erased conversation, in the background',
  },
  'messaging/src/delivery/room-repository.ts': {
    conversationIdsOf: 'the rooms of new connections, up to 100 users in one query',
  },
  'messaging/src/push/message-repository.ts': {
    acceptedBetween: 'after the crash of a node, or when its memory for pushes was full',
  },
  'messaging/src/push/heartbeat/membership-entry-repository.ts': {
    acceptedBetween: 'after the crash of a node',
  },
  'messaging/src/push/outbox/outbox-repository.ts': {
    claim: 'the oldest pushes that are due, of all users: a periodic task of each node',
    waiting: 'a gauge, counted every 15 s up to a limit',
  },
  'backend-common/src/work/lease-queue.ts': {
    claim: 'the oldest items that are due: a periodic task of each node',
    measureDepth: 'a gauge, counted periodically up to a limit',
  },
  'messaging/src/sync/member-change-repository.ts': {
    changedSince: 'the sync of one connection',
  },
  'messaging/src/sync/cursor-repository.ts': {
    of: 'the first step of a replay to a plain client, once for each connection',
    begin: 'the first connection of a plain client in a session',
  },
};

/** A change stream is open on all shards by its nature. */
const CHANGE_STREAMS = ['messaging/src/delivery/change-stream/entry-stream-repository.ts'];

describe('on a sharded cluster', function () {
  this.timeout(60_000);
  let mongo: TestMongo;
  let recording: RecordingClient;
  let repositories: Record<string, RepositoryCases>;

  before(async () => {
    mongo = await testMongo('messaging-test');
    for (const migration of messagingMigrations) await migration.up(mongo.db);
    const somebody = await seedCrowd(mongo.db, 20);
    // Methods that work on what they find send all of their commands only if they find something.
    await mongo.db.collection('push_outbox').updateMany(
      {},
      {
        $set: {
          dueAt: new Date(0),
          pushed: { from: 1, seq: 1, at: new Date(0), deviceIds: [] },
        },
      },
    );
    recording = recordingClient(mongo.uri);
    const recorded = { ...mongo, client: recording.client, db: recording.client.db() };
    repositories = hintedRepositories(recorded, somebody);
  });
  after(async () => {
    await recording.client.close();
    await mongo.drop();
  });

  it('every command names its shard key, except those of the listed methods', async () => {
    const found: Record<string, string[]> = {};
    for (const [file, cases] of Object.entries(repositories)) {
      for (const [method, given] of Object.entries(cases)) {
        const call = typeof given === 'function' ? given : given.call;
        const commands = await recording.during(call);
        const scattered = commands.filter((command) => {
          const key = SHARD_KEYS[command.collection];
          return key !== undefined && !hasShardKey(command, key);
        });
        if (scattered.length > 0) (found[file] ??= []).push(method);
      }
    }
    const expected = Object.entries(SCATTERED).map(([file, methods]) => [
      file,
      Object.keys(methods).sort(),
    ]);
    for (const methods of Object.values(found)) methods.sort();
    assert.deepEqual(found, Object.fromEntries(expected));
  });

  it('every repository of a sharded collection is among the cases', async () => {
    const files = await filesOfShardedCollections();
    assert.ok(files.length > 5);
    assert.deepEqual(
      files.filter((file) => !(file in repositories)),
      CHANGE_STREAMS,
    );
  });

  it('every unique index of a sharded collection begins with the shard key', async () => {
    for (const [collection, key] of Object.entries(SHARD_KEYS)) {
      const indexes = await mongo.db.collection(collection).indexes();
      for (const { key: fields, name, unique } of indexes) {
        // The index `_id_` is unique on each shard only. Entries with one `_id` are always of one conversation.
        if (unique !== true) continue;
        assert.equal(Object.keys(fields)[0], key, `${collection}, ${String(name)}`);
      }
    }
  });

  it('every collection is either sharded or named as one that is not', async () => {
    const collections = await mongo.db.listCollections({}, { nameOnly: true }).toArray();
    const names = collections.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    assert.deepEqual(names.sort(), [...Object.keys(SHARD_KEYS), ...UNSHARDED].sort());
  });

  it('the keys are those of the documentation', async () => {
    const text = await readFile(join(ROOT, 'docs/scaling.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `(\w+)` +\| `\{(\w+): 'hashed'\}` +\|/gm)];
    const documented = Object.fromEntries(rows.map(([, collection, key]) => [collection, key]));
    assert.deepEqual(documented, SHARD_KEYS);
    for (const name of UNSHARDED) assert.match(text, new RegExp(`\`${name}\``));
    for (const method of Object.values(SCATTERED).flatMap((methods) => Object.keys(methods))) {
      assert.match(text, new RegExp(`\`${method}\``), `docs/scaling.md does not name ${method}`);
    }
  });
});

async function filesOfShardedCollections(): Promise<string[]> {
  const files: string[] = [];
  for (const name of await readdir(join(ROOT, 'messaging/src'), { recursive: true })) {
    if (!name.endsWith('repository.ts')) continue;
    const text = await readFile(join(ROOT, 'messaging/src', name), 'utf8');
    const collections = [...text.matchAll(COLLECTION)].flatMap(
      ([, collection]) => collection ?? [],
    );
    if (collections.some((collection) => collection in SHARD_KEYS)) {
      files.push(`messaging/src/${name}`);
    }
  }
  return files;
}
