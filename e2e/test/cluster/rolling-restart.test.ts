import assert from 'node:assert/strict';

import { PlainClient, logIn, register, type Account } from '../support/plain-client.ts';
import { Talk } from '../support/talk.ts';
import { testStack, type TestStack } from '../support/stack.ts';

describe('two messaging nodes behind web that restart one after the other', () => {
  let parley: TestStack;
  const clients: PlainClient[] = [];

  before(async () => {
    parley = await testStack({ nodes: 2 });
  });
  after(async () => {
    for (const client of clients) client.close();
    await parley.close();
  });

  it('refuse nothing that plain clients send, lose nothing, and serve each client again within 5 s', async () => {
    const { origin, stack } = parley;
    const sessions: Account[] = [];
    for (const name of ['Ann', 'Ben', 'Cem']) {
      const account = await register(origin, name);
      sessions.push(account, await logIn(origin, account), await logIn(origin, account));
    }
    const talk = await Talk.begin(sessions, async ({ token }) => {
      const client = new PlainClient(origin, token);
      clients.push(client);
      await client.synced();
      return client;
    });
    for (const { kind, name, pid } of stack.parts()) {
      if (kind !== 'messaging') continue;
      await talk.reached(30);
      const restarted = stack.restarted(name);
      process.kill(pid, 'SIGTERM');
      await restarted;
    }
    await talk.reached(30);
    await talk.endWithEverybodyReached();
    assert.deepEqual(talk.refusals, []);
    assert.ok(talk.reconnects >= sessions.length);
    assert.ok(talk.longestAbsence < 5_000, `absent for ${talk.longestAbsence} ms`);
  }).timeout(300_000);
});
