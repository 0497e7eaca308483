import assert from 'node:assert/strict';
import { authMigrations } from '@parley/auth';
import { connectRedis, migrate } from '@parley/backend-common';
import {
  silentLogger,
  standaloneMongod,
  testMongo,
  testRedisUrl,
  type TestMongo,
} from '@parley/backend-common/testing';
import { MINUTE, SECOND } from '@parley/common';
import { messagingMigrations } from '@parley/messaging';

import { assertFound, examined } from './support/examined.ts';

describe('the doctor, of MongoDB', () => {
  let mongo: TestMongo;

  before(async () => {
    mongo = await testMongo();
    await migrate(mongo.db, [...authMigrations, ...messagingMigrations], silentLogger());
  });
  after(() => mongo.drop());

  it('finds nothing wrong with a migrated database, apart from the size of the replica set', async () => {
    const found = await examined({ MONGODB_URI: mongo.uri });
    assertFound(found, 'mongodb', { status: 'warning', message: /has 1 members/ });
    for (const check of ['write-concern', 'indexes', 'clock', 'disk']) {
      assertFound(found, `mongodb-${check}`, { status: 'ok' });
    }
  });

  it('finds a wrong password, and still checks everything else', async () => {
    const uri = new URL(mongo.uri);
    Object.assign(uri, { username: 'parley', password: 'wrong-password' });
    const found = await examined({ MONGODB_URI: uri.href, REDIS_URL: testRedisUrl() });
    assertFound(found, 'mongodb', {
      status: 'failure',
      message: /refuses the credentials in MONGODB_URI/,
      mend: /authSource/,
    });
    assertFound(found, 'mongodb-indexes', { status: 'skipped' });
    assertFound(found, 'redis', { status: 'ok' });
  });

  it('finds that a server is not in a replica set', async () => {
    const server = await standaloneMongod();
    try {
      const found = await examined({ MONGODB_URI: server.uri });
      assertFound(found, 'mongodb', {
        status: 'failure',
        message: /standalone/,
        mend: /--replSet/,
      });
    } finally {
      await server.close();
    }
  });

  it('finds options of the URI that weaken the write concern', async () => {
    const uri = new URL(mongo.uri);
    uri.searchParams.set('w', '1');
    const found = await examined({ MONGODB_URI: uri.href });
    assertFound(found, 'mongodb-write-concern', { status: 'warning', message: /option w\./ });
  });

  it('says that a database is new', async () => {
    const empty = await testMongo();
    try {
      const found = await examined({ MONGODB_URI: empty.uri });
      assertFound(found, 'mongodb-indexes', { status: 'ok', message: /is new/ });
      assertFound(found, 'mongodb-disk', { status: 'skipped', message: /is new/ });
    } finally {
      await empty.drop();
    }
  });

  it('finds migrations that have not been run', async () => {
    const migrations = mongo.db.collection<{ _id: string }>('migrations');
    const removed = await migrations.findOneAndDelete({ _id: 'auth-004-removals' });
    const found = await examined({ MONGODB_URI: mongo.uri });
    await migrations.insertOne(removed!);
    assertFound(found, 'mongodb-indexes', { status: 'warning', message: /auth-004-removals/ });
  });

  it('finds an index that is missing and one that is no longer unique, and says how to create both', async () => {
    const [entries, users] = [mongo.db.collection('entries'), mongo.db.collection('users')];
    await entries.dropIndex('seq');
    await users.dropIndex('username');
    await users.createIndexes([{ key: { username: 1 }, name: 'username' }]);
    const found = await examined({ MONGODB_URI: mongo.uri });
    assertFound(found, 'mongodb-indexes', {
      status: 'failure',
      message: /: users\.username, entries\.seq\.$/,
      mend: /db\.getCollection\("entries"\)\.createIndex\(\{"conversationId":1,"seq":1\}, \{"name":"seq","unique":true\}\)/,
    });
    assert.match(
      found.get('mongodb-indexes')?.mend ?? '',
      /getCollection\("users"\)\.dropIndex\("username"\)\n.*"users"\)\.createIndex/,
    );
    await entries.createIndexes([
      { key: { conversationId: 1, seq: 1 }, name: 'seq', unique: true },
    ]);
    await users.dropIndex('username');
    await users.createIndexes([{ key: { username: 1 }, name: 'username', unique: true }]);
    const mended = await examined({ MONGODB_URI: mongo.uri });
    assertFound(mended, 'mongodb-indexes', { status: 'ok' });
  });

  for (const [off, status] of [
    [10 * SECOND, 'warning'],
    [-10 * MINUTE, 'failure'],
  ] as const) {
    it(`finds a clock that is ${off / SECOND} s off`, async () => {
      const now = () => Date.now() + off;
      const found = await examined({ MONGODB_URI: mongo.uri }, { system: { now } });
      const direction = off > 0 ? /behind/ : /ahead of/;
      assertFound(found, 'mongodb-clock', { status, message: direction, mend: /NTP/ });
    });
  }
});

describe('the doctor, of Redis', () => {
  const checks = ['redis', 'redis-memory', 'redis-events'];

  it('finds nothing wrong with a server that evicts nothing', async () => {
    const found = await examined({ REDIS_URL: testRedisUrl() });
    for (const check of checks) assertFound(found, check, { status: 'ok' });
  });

  it('does not require one', async () => {
    const found = await examined({});
    for (const check of checks) assertFound(found, check, { status: 'skipped' });
  });

  it('finds a wrong password', async () => {
    const url = new URL(testRedisUrl());
    Object.assign(url, { username: 'nobody', password: 'wrong-password' });
    const found = await examined({ REDIS_URL: url.href });
    assertFound(found, 'redis', { status: 'failure', message: /refuses the credentials/ });
    assertFound(found, 'redis-events', { status: 'skipped' });
  });

  it('finds a server that evicts keys when its memory is full', async () => {
    const redis = connectRedis({ url: testRedisUrl(), name: 'test' });
    await redis.connect();
    try {
      await redis.config('SET', 'maxmemory', '100mb');
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      const evicting = await examined({ REDIS_URL: testRedisUrl() });
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      const keeping = await examined({ REDIS_URL: testRedisUrl() });
      assertFound(evicting, 'redis-memory', {
        status: 'warning',
        message: /allkeys-lru/,
        mend: /noeviction/,
      });
      assertFound(keeping, 'redis-memory', { status: 'ok' });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      redis.disconnect();
    }
  });
});
