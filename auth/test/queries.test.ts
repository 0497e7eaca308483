import assert from 'node:assert/strict';
import { SessionReader, type SessionDocument } from '@parley/backend-common';
import { ProfileReader, type UserDocument } from '@parley/backend-common/domain';
import {
  faultsOf,
  plansOf,
  testMongo,
  type QueryCase,
  type QueryCases,
  type TestMongo,
} from '@parley/backend-common/testing';
import { DAY } from '@parley/common';

import { ThrottleRepository } from '../src/accounts/throttle-repository.ts';
import { migrations } from '../src/migrations/index.ts';
import { UserRepository, type Account } from '../src/profiles/repository.ts';
import { SessionRepository } from '../src/sessions/repository.ts';

const USERS = 10_000;
const [somebody, other] = ['user-05000', 'user-05001'];

describe('queries on accounts and sessions', function () {
  this.timeout(60_000);
  let mongo: TestMongo;

  before(async () => {
    mongo = await testMongo('auth-test');
    await seed();
    for (const migration of migrations) await migration.up(mongo.db);
  });
  after(() => mongo.drop());

  /** The calls name every method: a new query without its line here does not compile. */
  const sessionCases = (): QueryCases<SessionRepository> => {
    const sessions = new SessionRepository(mongo.db);
    return {
      insert: () => sessions.insert(sessionOf('user-new')),
      listLive: () => sessions.listLive(somebody, 1),
      isOf: () => sessions.isOf(somebody, somebody),
      revoke: () => sessions.revoke(somebody, [somebody], 1),
      touch: () => sessions.touch([other], 1),
    };
  };
  const userCases = (): QueryCases<UserRepository> => {
    const users = new UserRepository(mongo.db);
    const credentials = { passwordHash: '', passwordChangedAt: 1 };
    return {
      insert: () => users.insert({ ...account('user-new'), nameKey: null }),
      isTaken: () => users.isTaken(somebody),
      findByUsername: () => users.findByUsername(somebody),
      findById: () => users.findById(somebody),
      replaceCredentials: () => users.replaceCredentials(somebody, credentials, credentials),
      passwordChangedAt: () => users.passwordChangedAt(somebody),
      update: () => users.update(somebody, { displayName: 'X' }),
      findPublic: () => users.findPublic(somebody),
      searchUsername: () => users.searchUsername('user-0500', 20),
      searchName: () => users.searchName('user-0500', 20),
    };
  };
  const throttleCases = (): QueryCases<ThrottleRepository> => {
    const throttle = new ThrottleRepository(mongo.db);
    const limit = { burst: 5, perSecond: 1 };
    return {
      take: () => throttle.take(somebody, limit, 1),
      giveBack: () => throttle.giveBack(somebody, limit),
      reset: () => throttle.reset(other),
      isKnown: () => throttle.isKnown(somebody, 1),
      remember: () => throttle.remember(somebody, 1),
    };
  };
  const readerCases = (): QueryCases<SessionReader> & QueryCases<ProfileReader> => {
    const sessions = new SessionReader(mongo.db);
    const profiles = new ProfileReader(mongo.db, () => 0);
    return {
      byTokenHash: () => sessions.byTokenHash(other),
      byId: () => sessions.byId(other),
      revokedSince: () => sessions.revokedSince(2),
      get: () => profiles.get([somebody, other, 'nobody']),
      find: () => profiles.find('user-05002'),
      changedSince: () => profiles.changedSince(2),
    };
  };

  for (const cases of [sessionCases, userCases, throttleCases, readerCases]) {
    it(`examine no more documents than they need: ${cases.name}`, async () => {
      const faults: string[] = [];
      for (const [name, given] of Object.entries<QueryCase | (() => Promise<unknown>)>(cases())) {
        const limits = typeof given === 'function' ? { call: given } : given;
        const plans = await plansOf(mongo.db, limits.call);
        faults.push(...faultsOf(plans, limits).map((fault) => `${name}: ${fault}`));
      }
      assert.deepEqual(faults, []);
    });
  }

  /** Everybody has one live session; sessions were revoked and profiles changed long ago. */
  async function seed(): Promise<void> {
    const ids = Array.from({ length: USERS }, (_, index) => `user-${`${index}`.padStart(5, '0')}`);
    const changed = {
      profileChangedAt: 1,
      passwordChangedAt: 1,
      passwordHash: '',
      deletedAt: null,
    };
    await mongo.db.collection<UserDocument>('users').insertMany(
      ids.map((id) => {
        const { user } = account(id);
        const { avatarId, createdAt, displayName, notifications, privacy } = user;
        const shown = { username: id, displayName, nameKey: id, avatarId };
        return { _id: id, ...shown, createdAt, notifications, privacy, ...changed };
      }),
    );
    const removeAt = new Date(Date.now() + DAY);
    await mongo.db.collection<SessionDocument>('sessions').insertMany(
      ids.flatMap((id) => [
        { ...sessionOf(id), revokedAt: null, removeAt },
        { ...sessionOf(`${id}-old`), userId: id, revokedAt: 1, removeAt },
      ]),
    );
    for (const name of ['login_limits', 'login_places']) {
      await mongo.db
        .collection<{ _id: string }>(name)
        .insertMany(ids.map((_id) => ({ _id, fullAt: 1, taken: true, removeAt })));
    }
  }
});

function sessionOf(userId: string) {
  const times = { createdAt: 0, lastSeenAt: 0, expiresAt: DAY, endsAt: DAY };
  return { _id: userId, userId, tokenHash: userId, deviceName: null, ...times };
}

function account(id: string): Account {
  return {
    user: {
      ...{ id, username: id, displayName: id, avatarId: null, deleted: false, createdAt: 0 },
      privacy: { readReceipts: true, lastSeen: true },
      notifications: { previews: true },
    },
    credentials: { passwordHash: '', passwordChangedAt: 1 },
  };
}
