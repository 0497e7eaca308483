import assert from 'node:assert/strict';
import { SessionReader, hashToken, migrate, type SessionDocument } from '@parley/backend-common';
import { BlockReader, ProfileReader, type UserDocument } from '@parley/backend-common/domain';
import {
  faultsOf,
  plansOf,
  silentLogger,
  testMongo,
  type QueryCase,
  type QueryCases,
  type TestMongo,
} from '@parley/backend-common/testing';
import { DAY } from '@parley/common';

import { ThrottleRepository } from '../src/accounts/throttle-repository.ts';
import { migrations } from '../src/migrations/index.ts';
import { UserRepository } from '../src/profiles/repository.ts';
import { SessionRepository } from '../src/sessions/repository.ts';

const COUNT = 10_000;
const NOW = 1_700_000_000_000;
const ids = Array.from({ length: COUNT }, (_, n) => `user-${String(n).padStart(6, '0')}`);
const [ann = '', bo = '', cleo = ''] = ids.slice(5_000);
/** An insert examines nothing. */
const INSERT = () => Promise.resolve();
const LIMIT = { burst: 10, perSecond: 1 };

/** Many users with a session each, a limit each, and blocks between neighbours. */
async function fill({ db }: TestMongo): Promise<void> {
  await db.collection<UserDocument>('users').insertMany(
    ids.map((_id, n) => ({
      ...{ _id, username: `name${n}`, displayName: `Name ${n}`, nameKey: `name ${n}` },
      ...{ avatarId: null, passwordHash: 'hash', createdAt: NOW, deletedAt: null },
      ...{ privacy: { readReceipts: true, lastSeen: true }, notifications: { previews: true } },
      ...(n % 100 === 0 ? { profileChangedAt: NOW - n } : {}),
    })),
  );
  await db.collection<SessionDocument>('sessions').insertMany(
    ids.map((userId, n) => ({
      ...{ _id: `session-${userId}`, userId, tokenHash: hashToken(userId), deviceName: null },
      ...{ createdAt: NOW, lastSeenAt: NOW - n, expiresAt: NOW + DAY, endsAt: NOW + 180 * DAY },
      ...{ revokedAt: n % 100 === 1 ? NOW - n : null, removeAt: new Date(Date.now() + DAY) },
    })),
  );
  await db.collection<{ _id: string; userId: string }>('blocks').insertMany(
    ids.slice(1).map((userId, n) => ({
      ...{ _id: `${userId}:${ids[n]}`, userId, blockedId: ids[n], active: n % 3 !== 0 },
      ...{ blockedAt: NOW, changedAt: new Date(NOW - n * 1_000) },
    })),
  );
  await db
    .collection<{ _id: string }>('login_limits')
    .insertMany(ids.map((_id) => ({ _id, fullAt: NOW, removeAt: new Date(Date.now() + DAY) })));
  await db
    .collection<{ _id: string }>('login_places')
    .insertMany(ids.map((_id) => ({ _id, removeAt: new Date(Date.now() + DAY) })));
}

describe(`queries of auth and its readers among ${COUNT} users`, () => {
  let mongo: TestMongo;
  before(async function () {
    this.timeout(60_000);
    mongo = await testMongo();
    await migrate(mongo.db, migrations, silentLogger());
    await fill(mongo);
  });
  after(() => mongo.drop());

  function check(name: string, cases: () => Record<string, QueryCase | (() => Promise<unknown>)>) {
    it(`of ${name} examine little more than they return`, async () => {
      const faults: string[] = [];
      for (const [method, each] of Object.entries(cases())) {
        if (each === INSERT) continue;
        const limits = typeof each === 'function' ? { call: each } : each;
        const plans = await plansOf(mongo.db, limits.call);
        assert.ok(plans.length > 0, `${method} runs no query`);
        faults.push(...faultsOf(plans, limits).map((fault) => `${method}: ${fault}`));
      }
      assert.deepEqual(faults, []);
    });
  }

  check('users', () => {
    const users = new UserRepository(mongo.db);
    const credentials = { passwordHash: 'hash', passwordChangedAt: NOW };
    return {
      insert: INSERT,
      isTaken: () => users.isTaken('name5000'),
      findByUsername: () => users.findByUsername('name5000'),
      findById: () => users.findById(ann),
      replaceCredentials: () => users.replaceCredentials(ann, credentials, credentials),
      passwordChangedAt: () => users.passwordChangedAt(ann),
      update: () => users.update(ann, { displayName: 'Ann' }),
      findPublic: () => users.findPublic(ann),
      searchUsername: () => users.searchUsername('name50', 20),
      searchName: () => users.searchName('name 50', 20),
    } satisfies QueryCases<UserRepository>;
  });

  check('sessions', () => {
    const sessions = new SessionRepository(mongo.db);
    return {
      insert: INSERT,
      listLive: () => sessions.listLive(ann, NOW),
      isOf: () => sessions.isOf(ann, `session-${ann}`),
      revoke: () => sessions.revoke(ann, [`session-${ann}`], NOW),
      touch: () => sessions.touch([`session-${bo}`, `session-${cleo}`], NOW + 3_600_000),
    } satisfies QueryCases<SessionRepository>;
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

  check('the readers of sessions', () => {
    const sessions = new SessionReader(mongo.db);
    return {
      byTokenHash: () => sessions.byTokenHash(hashToken(bo)),
      byId: () => sessions.byId(`session-${bo}`),
      revokedSince: () => sessions.revokedSince(NOW - 300),
    } satisfies QueryCases<SessionReader>;
  });

  check('the readers of profiles', () => {
    const profiles = new ProfileReader(mongo.db, () => NOW);
    return {
      get: () => profiles.get([bo, cleo]),
      find: () => profiles.find(ids[7] ?? ''),
      changedSince: () => profiles.changedSince(NOW - 300),
    } satisfies QueryCases<ProfileReader>;
  });

  check('the readers of blocks', () => {
    const blocks = new BlockReader(mongo.db);
    return {
      relationsOf: { call: () => blocks.relationsOf([ann, bo, cleo]), docs: 0 },
      among: () => blocks.among(ann, [bo, cleo]),
      changedSince: { call: () => blocks.changedSince(NOW - 5_500), docs: 0 },
    } satisfies QueryCases<BlockReader>;
  });
});
