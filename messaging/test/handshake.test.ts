import assert from 'node:assert/strict';
import { describe, it, before, after } from 'mocha';

import { heard } from './support/connections.ts';
import { TestStack } from './support/stack.ts';

describe('The handshake', () => {
  let stack: TestStack;
  let url: string;

  before(async () => {
    stack = await TestStack.create();
    ({ url } = await stack.node());
  });
  after(() => stack.close());

  it('tells who one is and that nothing is replayed to a client that compares heads', async () => {
    const ann = await stack.people.create();
    const socket = stack.connections.prepare(url, { token: ann.token, sync: 'heads' });
    const ready = await heard(socket, 'ready');
    const { serverTime, ...rest } = ready;
    assert.deepEqual(rest, {
      contract: { version: 1, revision: 1 },
      sessionId: ann.sessionId,
      userId: ann.userId,
      replaying: false,
    });
    assert.ok(Math.abs(serverTime - Date.now()) < 60_000);
  });
});
