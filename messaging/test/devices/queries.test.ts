import assert from 'node:assert/strict';
import type { TestMongo } from '@parley/backend-common/testing';

import { DeviceRepository, type DeviceDocument } from '../../src/devices/repository.ts';
import type { Profiled } from '../support/profiled.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the queries on devices', () => {
  const [ann, bo] = [newId(), newId()];
  let mongo: TestMongo;
  let devices: DeviceRepository;

  before(async () => {
    mongo = await testDatabase();
    devices = new DeviceRepository(mongo.db);
    const people = [ann, bo, ...Array.from({ length: 100 }, () => newId())];
    await mongo.db
      .collection<DeviceDocument>('devices')
      .insertMany(people.map((userId) => ({ ...device(userId), slot: 0 })));
    await mongo.db.command({ profile: 2 });
  });
  after(async () => {
    await mongo.db.command({ profile: 0 });
    await mongo.drop();
  });

  function device(userId: string) {
    const [_id, sessionId, token] = [newId(), newId(), newId()];
    return { _id, userId, sessionId, token, platform: 'android' as const, createdAt: 1 };
  }

  it('use their indexes and read at most three documents', async () => {
    const calls: Record<Exclude<keyof DeviceRepository, 'count'>, () => Promise<unknown>> = {
      ofUsers: () => devices.ofUsers([ann, bo]),
      usersWithDevice: () => devices.usersWithDevice([ann, newId()]),
      put: () => devices.put(device(ann)),
      removeOfSession: () => devices.removeOfSession(newId(), newId()),
      removeOfSessions: () => devices.removeOfSessions([newId(), newId()]),
      removeInvalid: () => devices.removeInvalid(newId(), newId()),
      page: () => devices.page(newId(), 5),
    };
    for (const run of Object.values(calls)) await run();
    const profiled = await mongo.db
      .collection<Profiled>('system.profile')
      .find({ ns: `${mongo.db.databaseName}.devices`, op: { $nin: ['insert'] } })
      .toArray();
    assert.ok(profiled.length >= 8);
    for (const { docsExamined = 0, op, planSummary } of profiled) {
      assert.match(planSummary ?? 'none', /^(IXSCAN|IDHACK)/, op);
      assert.ok(docsExamined <= 3, `${op} read ${docsExamined}`);
    }
    const covered = profiled.filter(({ docsExamined }) => docsExamined === 0);
    assert.ok(covered.length > 0);
  });
});
