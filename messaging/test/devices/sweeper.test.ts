import assert from 'node:assert/strict';
import {
  Metrics,
  PeriodicMetrics,
  SessionReader,
  type SessionDocument,
} from '@parley/backend-common';
import { silentLogger, type TestMongo } from '@parley/backend-common/testing';

import { DeviceRepository } from '../../src/devices/repository.ts';
import { DeviceSweeper } from '../../src/devices/sweeper.ts';
import { People } from '../support/people.ts';
import { newId, testDatabase } from '../support/test-log.ts';

describe('the device sweep', () => {
  let mongo: TestMongo;
  before(async () => {
    mongo = await testDatabase();
  });
  after(() => mongo.drop());

  it('removes only devices whose session was revoked, has expired or does not exist', async () => {
    const devices = new DeviceRepository(mongo.db);
    const people = new People(mongo.db);
    const live = await people.create();
    const ended: Partial<SessionDocument>[] = [{ revokedAt: 5 }, { expiresAt: Date.now() - 1 }];
    const sessions = await Promise.all(ended.map((how) => people.logIn(live.userId, how)));
    const gone = newId();
    for (const sessionId of [...sessions.map((each) => each.sessionId), gone, live.sessionId]) {
      const { userId } = live;
      const device = { _id: newId(), userId, sessionId, token: newId(), createdAt: 1 };
      await devices.put({ ...device, platform: 'ios' });
    }
    const sweeper = new DeviceSweeper({
      ...{ devices, sessions: new SessionReader(mongo.db) },
      periodicMetrics: new PeriodicMetrics(new Metrics('test')),
      ...{ now: Date.now, logger: silentLogger() },
    });
    await sweeper.run();
    const left = await devices.ofUsers([live.userId]);
    assert.deepEqual(
      left.map(({ sessionId }) => sessionId),
      [live.sessionId],
    );
  });
});
