import assert from 'node:assert/strict';

import { SocketRegistry } from '../../src/transport/server/socket-registry.ts';
import { fakeSocket } from '../support/fake-socket.ts';

const open = (userId: string, sessionId: string) =>
  fakeSocket({ userId, sessionId, expiresAt: 1 }).asClientSocket();

describe('the sockets of a node', () => {
  it('are found by user and by session, until they are removed', () => {
    const registry = new SocketRegistry();
    const [phone, tab, laptop, other] = [
      open('ann', 'phone'),
      open('ann', 'phone'),
      open('ann', 'laptop'),
      open('bo', 'desk'),
    ];
    for (const socket of [phone, tab, laptop, other]) registry.add(socket);
    assert.deepEqual(registry.ofUser('ann'), [phone, tab, laptop]);
    assert.deepEqual(registry.ofSession('phone'), [phone, tab]);
    assert.deepEqual(registry.userIds(), ['ann', 'bo']);
    assert.deepEqual(registry.sessionIds(), ['phone', 'laptop', 'desk']);
    assert.deepEqual([registry.size, registry.users], [4, 2]);

    registry.remove(phone);
    registry.remove(phone);
    registry.remove(tab);
    assert.deepEqual(registry.ofSession('phone'), []);
    assert.deepEqual(registry.ofUser('ann'), [laptop]);
    registry.remove(laptop);
    assert.deepEqual(registry.ofUser('ann'), []);
    assert.deepEqual(registry.all(), [other]);
    assert.deepEqual([registry.size, registry.users], [1, 1]);
  });

  it('may be removed during an iteration', () => {
    const registry = new SocketRegistry();
    const all = [open('ann', 'a'), open('ann', 'b'), open('ann', 'c')];
    for (const socket of all) registry.add(socket);
    const met = [];
    for (const socket of registry.ofUser('ann')) {
      met.push(socket);
      registry.remove(socket);
    }
    assert.deepEqual(met, all);
    assert.equal(registry.size, 0);
  });
});
