import assert from 'node:assert/strict';
import type { UserDocument } from '@parley/backend-common/domain';
import { testRedisUrl } from '@parley/backend-common/testing';

import { collected, heard } from '../support/connections.ts';
import { metric } from '../support/http.ts';
import { TestStack } from '../support/stack.ts';

describe('a profile that changes', () => {
  let stack: TestStack;
  before(async () => (stack = await TestStack.create()));
  after(() => stack.close());

  /** Changes a name as the auth service writes it. */
  const rename = (userId: string, displayName: string) =>
    stack.mongo.db
      .collection<UserDocument>('users')
      .updateOne({ _id: userId }, { $set: { displayName, profileChangedAt: Date.now() } });

  it('is sent to every device of the users who share a conversation, and to no other user', async () => {
    const { metricsUrl, url } = await stack.node();
    const [ann, ben, cleo, stranger] = await Promise.all(
      [1, 2, 3, 4].map(() => stack.people.create()),
    );
    await stack.direct(url, ann!, ben!);
    await stack.group(url, [cleo!, ann!, ben!]);
    const sockets = await Promise.all(
      [ann!, ben!, ben!, cleo!].map((person) => stack.connections.open(url, person)),
    );
    const { token } = await stack.people.logIn(cleo!.userId);
    const plain = stack.connections.prepare(url, { token });
    plain.on('sync:page', (_page, take: () => void) => take());
    await heard(plain, 'sync:done');
    const strangers = await stack.connections.open(url, stranger!);
    const others = collected(strangers, 'profile');
    const bens = collected(sockets[1]!, 'profile');
    const named = (name: string) => (profile: { displayName: string | null }) =>
      profile.displayName === name;

    const received = [...sockets, plain].map((socket) =>
      heard(socket, 'profile', named('Ann of Wales')),
    );
    await rename(ann!.userId, 'Ann of Wales');
    for (const profile of await Promise.all(received)) {
      assert.equal(profile.id, ann!.userId);
      assert.deepEqual(Object.keys(profile).sort(), [
        ...['avatarId', 'deleted', 'displayName', 'id', 'username'],
      ]);
    }
    const again = heard(sockets[3]!, 'profile', named('Ann again'));
    await rename(stranger!.userId, 'A stranger');
    await rename(ann!.userId, 'Ann again');
    await again;
    assert.deepEqual(
      bens.map(({ displayName }) => displayName),
      ['Ann of Wales', 'Ann again'],
    );
    assert.deepEqual(others, []);
    assert.equal(await metric(metricsUrl, 'parley_profiles_told_total'), 2);
  });

  it('is sent by every node to its own sockets', async () => {
    const REDIS_URL = testRedisUrl();
    const nodes = [await stack.node({ REDIS_URL }), await stack.node({ REDIS_URL })];
    const [ann, ben] = [await stack.people.create(), await stack.people.create()];
    await stack.direct(nodes[0]!.url, ann, ben);
    const sockets = await Promise.all(nodes.map(({ url }) => stack.connections.open(url, ben)));
    const received = sockets.map((socket) => heard(socket, 'profile'));
    await rename(ann.userId, 'Ann');
    for (const { displayName } of await Promise.all(received)) assert.equal(displayName, 'Ann');
  });
});
