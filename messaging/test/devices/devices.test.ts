import assert from 'node:assert/strict';
import type { RunningService, SessionDocument } from '@parley/backend-common';
import { recordingLogger } from '@parley/backend-common/testing';
import { LIMITS } from '@parley/common';
import type { Device } from '@parley/common/contract';

import type { DeviceDocument } from '../../src/devices/repository.ts';
import { call } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { newId } from '../support/test-log.ts';
import { until } from '../support/until.ts';

describe('devices', () => {
  let stack: TestStack;
  let node: RunningService;
  const log = recordingLogger();

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({ PARLEY_RATE_LIMITS: 'off' }, { logger: log.logger });
  });
  after(() => stack.close());

  const register = (as: Person, token: string, platform = 'android') =>
    request(`${node.url}/devices/fcm-token`, { method: 'PUT', as, body: { token, platform } });
  const remove = (as: Person, body?: object) =>
    request(`${node.url}/devices/fcm-token`, { method: 'DELETE', as, body });
  const stored = (filter: Partial<DeviceDocument>) =>
    stack.mongo.db.collection<DeviceDocument>('devices').find(filter).toArray();
  const token = () => `token:${newId()}`;

  it('belong to the session that registers them, and are returned without their token', async () => {
    const ann = await stack.people.create();
    const given = token();
    const { body, status } = await register(ann, given);
    assert.equal(status, 200);
    const device = body as Device;
    assert.deepEqual(Object.keys(device).sort(), ['createdAt', 'id', 'platform']);
    const [found] = await stored({ token: given });
    assert.equal(found?._id, device.id);
    assert.equal(found.sessionId, ann.sessionId);
    assert.deepEqual((await register(ann, given)).body, device);
  });

  it('can be registered over a socket', async () => {
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const given = { token: token(), platform: 'web' };
    const device = (await call(socket, 'device:register', given)) as Device;
    assert.equal(device.platform, 'web');
    await call(socket, 'device:remove');
    assert.deepEqual(await stored({ userId: ann.userId }), []);
  });

  it('replace their token with a new one', async () => {
    const ann = await stack.people.create();
    const first = (await register(ann, token())).body as Device;
    const second = token();
    assert.equal(((await register(ann, second)).body as Device).id, first.id);
    assert.deepEqual(
      (await stored({ userId: ann.userId })).map((device) => device.token),
      [second],
    );
  });

  it('move to another user who registers the same token', async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const shared = token();
    await register(ann, shared);
    await register(bo, shared);
    assert.deepEqual(await stored({ userId: ann.userId }), []);
    assert.equal((await stored({ token: shared }))[0]?.userId, bo.userId);
  });

  it('have one owner after concurrent registrations of the same token', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => stack.people.create()));
    const shared = token();
    const answers = await Promise.all(people.map((person) => register(person, shared)));
    assert.ok(answers.every(({ status }) => status === 200 || status === 503));
    assert.equal((await stored({ token: shared })).length, 1);
  });

  it('are limited to ten per user, also for concurrent registrations', async () => {
    const ann = await stack.people.create();
    const more = Array.from({ length: LIMITS.devicesPerUser + 4 }, () =>
      stack.people.logIn(ann.userId),
    );
    const sessions = await Promise.all(more);
    const answers = await Promise.all(sessions.map((session) => register(session, token())));
    const devices = await stored({ userId: ann.userId });
    assert.ok(devices.length <= LIMITS.devicesPerUser);
    while ((await stored({ userId: ann.userId })).length < LIMITS.devicesPerUser) {
      await register(await stack.people.logIn(ann.userId), token());
    }
    const refused = await register(await stack.people.logIn(ann.userId), token());
    assert.equal((refused.body as { code: string }).code, 'limit_reached');
    assert.equal(refused.status, 409);
    assert.ok(answers.some(({ status }) => status === 200));
    const [own] = await stored({ userId: ann.userId });
    const again = sessions.find(({ sessionId }) => sessionId === own?.sessionId)!;
    assert.equal(
      (await register(again, token())).status,
      200,
      'one of the ten may renew its token',
    );
  });

  it('are removed by their session, and with a token only if it matches', async () => {
    const ann = await stack.people.create();
    const given = token();
    await register(ann, given);
    assert.equal((await remove(ann, { token: token() })).status, 204);
    assert.equal((await stored({ token: given })).length, 1);
    assert.equal((await remove(ann, { token: given })).status, 204);
    assert.equal((await remove(ann)).status, 204);
    assert.deepEqual(await stored({ token: given }), []);
  });

  it('are removed when their session is revoked', async () => {
    const ann = await stack.people.create();
    await register(ann, token());
    await stack.mongo.db
      .collection<SessionDocument>('sessions')
      .updateOne({ _id: ann.sessionId }, { $set: { revokedAt: Date.now() } });
    await until(async () => (await stored({ userId: ann.userId })).length === 0);
  });

  it('reject malformed tokens', async () => {
    const ann = await stack.people.create();
    for (const bad of ['', 'with space', 'ünïcode', 'x'.repeat(LIMITS.pushTokenMax + 1), 7, null]) {
      const { status } = await register(ann, bad as string);
      assert.equal(status, 400, String(bad).slice(0, 20));
    }
    assert.equal((await register(ann, token(), 'toaster')).status, 400);
    assert.deepEqual(await stored({ userId: ann.userId }), []);
  });

  it('never log a token', () => {
    assert.ok(log.lines.length > 0);
    assert.ok(log.lines.every((line) => !line.includes('token:')));
  });
});
