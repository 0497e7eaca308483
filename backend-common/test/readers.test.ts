import assert from 'node:assert/strict';
import {
  SessionReader,
  hashToken,
  isDuplicateKey,
  type SessionDocument,
} from '@parley/backend-common';
import { ProfileReader, type UserDocument } from '@parley/backend-common/domain';
import { SECOND } from '@parley/common';
import { testMongo, type TestMongo } from '@parley/backend-common/testing';

import { sessionToken, storedSession, storedUser } from './support/stored.ts';

describe('readers of the data of auth', () => {
  let mongo: TestMongo;
  before(async () => {
    mongo = await testMongo();
  });
  after(() => mongo.drop());

  it('find a session by token or id, and never return its token hash', async () => {
    const token = sessionToken('find-me');
    const stored = storedSession({ token, revokedAt: 500 });
    await mongo.db.collection<SessionDocument>('sessions').insertOne(stored);
    const reader = new SessionReader(mongo.db);
    const { _id: id, expiresAt, userId } = stored;
    const expected = { id, userId, expiresAt, revokedAt: 500 };
    assert.deepEqual(await reader.byTokenHash(hashToken(token)), expected);
    assert.deepEqual(await reader.byId(id), expected);
    assert.deepEqual(await reader.revokedSince(500), [expected]);
    assert.deepEqual(await reader.revokedSince(501), []);
    assert.equal(await reader.byTokenHash(hashToken('other')), null);
  });

  it('return profiles, and only the id of a deleted user', async () => {
    const users = mongo.db.collection<UserDocument>('users');
    const alice = storedUser({ username: 'alice', displayName: 'Alice' });
    const gone = storedUser({ username: 'gone', displayName: 'Gone', deletedAt: 1 });
    await users.insertMany([alice, gone]);
    const reader = new ProfileReader(mongo.db, () => 0);
    const found = await reader.get([alice._id, gone._id, alice._id, 'nobody']);
    assert.equal(found.size, 2);
    assert.deepEqual(found.get(alice._id), {
      profile: {
        id: alice._id,
        username: 'alice',
        displayName: 'Alice',
        avatarId: null,
        deleted: false,
      },
      privacy: alice.privacy,
      notifications: alice.notifications,
    });
    assert.deepEqual(found.get(gone._id)?.profile, {
      id: gone._id,
      username: null,
      displayName: null,
      avatarId: null,
      deleted: true,
    });
  });

  it('cache a profile for 5 s', async () => {
    const users = mongo.db.collection<UserDocument>('users');
    const bob = storedUser({ username: 'bob', displayName: 'Bob' });
    await users.insertOne(bob);
    const clock = { now: 0 };
    const reader = new ProfileReader(mongo.db, () => clock.now);
    const name = async () => (await reader.find(bob._id))?.profile.displayName;
    assert.equal(await name(), 'Bob');
    await users.updateOne({ _id: bob._id }, { $set: { displayName: 'Robert' } });
    clock.now = 5 * SECOND - 1;
    assert.equal(await name(), 'Bob');
    clock.now = 5 * SECOND;
    assert.equal(await name(), 'Robert');
  });

  it('report changed profiles, and drop what was cached of them', async () => {
    const users = mongo.db.collection<UserDocument>('users');
    const carol = storedUser({ username: 'carol', displayName: 'Carol' });
    await users.insertOne(carol);
    const reader = new ProfileReader(mongo.db, () => 0);
    assert.equal((await reader.find(carol._id))?.profile.displayName, 'Carol');
    assert.deepEqual(await reader.changedSince(0), []);
    const change = { displayName: 'Caroline', profileChangedAt: 1_000 };
    await users.updateOne({ _id: carol._id }, { $set: change });
    const profile = {
      id: carol._id,
      username: 'carol',
      displayName: 'Caroline',
      avatarId: null,
      deleted: false,
    };
    assert.deepEqual(await reader.changedSince(1_000), [{ profile, changedAt: 1_000 }]);
    assert.deepEqual(await reader.changedSince(1_001), []);
    assert.deepEqual((await reader.find(carol._id))?.profile, profile);
  });

  it('recognise which index refused a duplicate', async () => {
    const things = mongo.db.collection('things');
    await things.createIndexes([{ key: { name: 1 }, unique: true, name: 'name' }]);
    await things.insertOne({ name: 'a' });
    const error: unknown = await things.insertOne({ name: 'a' }).catch((thrown: unknown) => thrown);
    assert.equal(isDuplicateKey(error), true);
    assert.equal(isDuplicateKey(error, 'name'), true);
    assert.equal(isDuplicateKey(error, 'nam'), false);
    assert.equal(isDuplicateKey(new Error('other')), false);
  });
});
