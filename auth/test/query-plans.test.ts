import assert from 'node:assert/strict';
import {
  SessionReader,
  hashToken,
  migrate,
  transactionsOf,
  type SessionDocument,
} from '@parley/backend-common';
import {
  AdministratorReader,
  BlockReader,
  DeviceCounter,
  PendingRemovalReader,
  ProfileReader,
  type UserDocument,
} from '@parley/backend-common/domain';
import {
  faultsOf,
  plansOf,
  silentLogger,
  testMongo,
  type QueryCase,
  type QueryCases,
  type TestMongo,
} from '@parley/backend-common/testing';
import { DAY, HOUR } from '@parley/common';

import { PasswordResetRepository } from '../src/accounts/reset-repository.ts';
import { ThrottleRepository } from '../src/accounts/throttle-repository.ts';
import { migrations } from '../src/migrations/index.ts';
import { UserRepository, type Account } from '../src/profiles/repository.ts';
import { SessionRepository } from '../src/sessions/repository.ts';

const COUNT = 10_000;
const NOW = 1_700_000_000_000;
/** A time before all recent changes. */
const LONG_AGO = 1;
const LIMIT = { burst: 10, perSecond: 1 };
const CREDENTIALS = { passwordHash: 'hash', passwordChangedAt: LONG_AGO };
const ids = Array.from({ length: COUNT }, (_, n) => `user-${String(n).padStart(6, '0')}`);
const [ann = '', bo = '', cleo = ''] = ids.slice(5_000);

/**
 * Every query of auth's repositories, and of the readers that it shares with the other services, is carried out among
 * many documents. A method without a case does not compile.
 */
describe(`the queries of auth among ${COUNT} users`, () => {
  let mongo: TestMongo;
  before(async function () {
    this.timeout(60_000);
    mongo = await testMongo('auth-test');
    await migrate(mongo.db, migrations, silentLogger());
    await fill(mongo);
  });
  after(() => mongo.drop());

  function check(name: string, cases: () => Record<string, QueryCase | (() => Promise<unknown>)>) {
    it(`examine little more than they return, in ${name}`, async () => {
      const faults: string[] = [];
      for (const [method, given] of Object.entries(cases())) {
        const limits = typeof given === 'function' ? { call: given } : given;
        const plans = await plansOf(mongo.db, limits.call);
        // An insert examines nothing, so it has no plan.
        assert.ok(plans.length > 0 || method === 'insert', `${method} runs no query`);
        faults.push(...faultsOf(plans, limits).map((fault) => `${method}: ${fault}`));
      }
      assert.deepEqual(faults, []);
    });
  }

  check('users', () => {
    const users = new UserRepository(mongo.db);
    const transact = transactionsOf(mongo.client);
    return {
      insert: () => users.insert({ ...account('user-new'), nameKeys: [] }),
      isTaken: () => users.isTaken(ann),
      findByUsername: () => users.findByUsername(ann),
      findById: () => users.findById(ann),
      replaceCredentials: () => users.replaceCredentials(ann, CREDENTIALS, CREDENTIALS),
      markDeleted: () =>
        transact((transaction) => users.markDeleted(account('nobody'), NOW, transaction)),
      isDeleted: () => users.isDeleted(ann),
      findRecord: () => users.findRecord(ann),
      suspend: () => transact((transaction) => users.suspend(bo, NOW, transaction)),
      restore: () => users.restore(bo),
      setCredentials: () =>
        transact((transaction) => users.setCredentials(bo, CREDENTIALS, transaction)),
      markRemoved: () => users.markRemoved(ann),
      update: () => users.update(ann, { displayName: 'Ann' }),
      findPublic: () => users.findPublic(ann),
      // One prefix has fewer matches than the limit, the other has more.
      searchUsername: () =>
        both(users.searchUsername('user-00500', 20), users.searchUsername('user-005', 20)),
      searchName: () => both(users.searchName('name 500', 20), users.searchName('name 50', 20)),
    } satisfies QueryCases<UserRepository>;
  });

  check('sessions', () => {
    const sessions = new SessionRepository(mongo.db);
    return {
      insert: () => sessions.insert(sessionOf('user-new')),
      listLive: () => sessions.listLive(ann, NOW),
      isOf: () => sessions.isOf(ann, ann),
      revoke: () => sessions.revoke(ann, [ann], NOW),
      revokeAll: () => sessions.revokeAll(cleo, NOW),
      removeAll: () => sessions.removeAll(cleo),
      touch: () => sessions.touch([bo, cleo], NOW + HOUR),
    } satisfies QueryCases<SessionRepository>;
  });

  check('password resets', () => {
    const resets = new PasswordResetRepository(mongo.db);
    const transact = transactionsOf(mongo.client);
    return {
      replace: () => resets.replace(ann, hashToken('new'), NOW),
      userOf: () => resets.userOf(hashToken(bo), NOW),
      use: () => transact((transaction) => resets.use(bo, hashToken(bo), transaction)),
    } satisfies QueryCases<PasswordResetRepository>;
  });

  check('the login throttle', () => {
    const limits = new ThrottleRepository(mongo.db);
    return {
      take: () => limits.take(ann, LIMIT, NOW),
      giveBack: () => limits.giveBack(ann, LIMIT),
      reset: () => limits.reset(bo),
      isKnown: () => limits.isKnown(ann, NOW),
      remember: () => limits.remember(ann, NOW),
    } satisfies QueryCases<ThrottleRepository>;
  });

  check('the reader of sessions', () => {
    const sessions = new SessionReader(mongo.db);
    return {
      byTokenHash: () => sessions.byTokenHash(hashToken(bo)),
      byId: () => sessions.byId(bo),
      // A few sessions were revoked since, or none.
      revokedSince: () => both(sessions.revokedSince(NOW - 300), sessions.revokedSince(NOW + 1)),
    } satisfies QueryCases<SessionReader>;
  });

  check('the reader of profiles', () => {
    const profiles = new ProfileReader(mongo.db, () => NOW);
    return {
      get: () => profiles.get([bo, cleo, 'nobody']),
      find: () => profiles.find(ids[7] ?? ''),
      // A few profiles changed since, or none.
      changedSince: () => both(profiles.changedSince(NOW - 300), profiles.changedSince(NOW + 1)),
    } satisfies QueryCases<ProfileReader>;
  });

  check('the reader of administrators', () => {
    const administrators = new AdministratorReader(mongo.db);
    return {
      usernameOf: () => administrators.usernameOf(ann),
    } satisfies QueryCases<AdministratorReader>;
  });

  check('the counter of devices', () => {
    const devices = new DeviceCounter(mongo.db);
    return { of: () => devices.of(ann) } satisfies QueryCases<DeviceCounter>;
  });

  check('the reader of removals', () => {
    const removals = new PendingRemovalReader(mongo.db);
    return {
      deletedBetween: () =>
        both(
          removals.deletedBetween({ from: 0, to: NOW, limit: 20 }),
          removals.deletedBetween({ from: 1, to: 1, limit: 20 }),
        ),
    } satisfies QueryCases<PendingRemovalReader>;
  });

  check('the reader of blocks', () => {
    const blocks = new BlockReader(mongo.db);
    return {
      relationsOf: { call: () => blocks.relationsOf([ann, bo, cleo]), docs: 0 },
      among: () => blocks.among(ann, [bo, cleo]),
      changedSince: { call: () => blocks.changedSince(NOW - 5_500), docs: 0 },
    } satisfies QueryCases<BlockReader>;
  });
});

/**
 * Many users, each with a live and a revoked session, a login limit, a known address, and a block of the next user.
 * Every hundredth user changed the profile or ended a session lately, all others long ago.
 */
async function fill({ db }: TestMongo): Promise<void> {
  const removeAt = new Date(Date.now() + DAY);
  await db.collection<UserDocument>('users').insertMany(
    ids.map((id, n) => {
      const { avatarId, createdAt, displayName, notifications, privacy } = account(id).user;
      const names = { username: id, displayName, nameKeys: [`name ${n}`, `${n} name`], avatarId };
      const profileChangedAt = n % 100 === 0 ? NOW - n : LONG_AGO;
      const removal = n % 100 === 2 ? { removalSince: NOW - n } : {};
      const changed = { ...CREDENTIALS, profileChangedAt, deletedAt: null, ...removal };
      return { _id: id, ...names, createdAt, notifications, privacy, ...changed };
    }),
  );
  await db.collection<SessionDocument>('sessions').insertMany(
    ids.flatMap((id, n) => [
      { ...sessionOf(id), lastSeenAt: NOW - n, revokedAt: null, removeAt },
      {
        ...sessionOf(`${id}-old`),
        userId: id,
        revokedAt: n % 100 === 1 ? NOW - n : LONG_AGO,
        removeAt,
      },
    ]),
  );
  await db.collection<{ _id: string; userId: string }>('blocks').insertMany(
    ids.slice(1).map((userId, n) => ({
      ...{ _id: `${userId}:${ids[n]}`, userId, blockedId: ids[n], active: n % 3 !== 0 },
      ...{ blockedAt: NOW, changedAt: new Date(NOW - n * 1_000) },
    })),
  );
  await db
    .collection<{ _id: string }>('password_resets')
    .insertMany(ids.map((id) => ({ _id: id, tokenHash: hashToken(id), expiresAt: removeAt })));
  // Messaging makes this index.
  await db.collection('devices').createIndexes([{ name: 'user', key: { userId: 1, slot: 1 } }]);
  await db.collection('devices').insertMany(ids.map((userId) => ({ userId, slot: 0 })));
  for (const name of ['login_limits', 'login_places']) {
    await db
      .collection<{ _id: string }>(name)
      .insertMany(ids.map((_id) => ({ _id, fullAt: NOW, taken: true, removeAt })));
  }
}

/** The live session of a user; its id is the user's. */
function sessionOf(userId: string) {
  const times = { createdAt: 0, lastSeenAt: 0, expiresAt: NOW + DAY, endsAt: NOW + 180 * DAY };
  return { _id: userId, userId, tokenHash: hashToken(userId), deviceName: null, ...times };
}

function account(id: string): Account {
  return {
    user: {
      ...{ id, username: id, displayName: id, avatarId: null, deleted: false, createdAt: 0 },
      privacy: { readReceipts: true, lastSeen: true },
      notifications: { previews: true },
    },
    credentials: CREDENTIALS,
    isSuspended: false,
  };
}

function both(first: Promise<unknown>, second: Promise<unknown>): Promise<unknown> {
  return Promise.all([first, second]);
}
