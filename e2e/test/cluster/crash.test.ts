import assert from 'node:assert/strict';

import { PlainClient, register, type WireEntry } from '../support/plain-client.ts';
import { holds, untilConnected } from '../support/poll-client.ts';
import { testStack, type TestStack } from '../support/stack.ts';

/** One send, as its client saw it. */
interface Sent {
  readonly clientId: string;
  entry: WireEntry | undefined;
}

describe('a kill -9 of everything while people send', () => {
  let parley: TestStack | undefined;

  before(async () => {
    parley = await testStack({ nodes: 2, ownMongo: true, env: { PARLEY_RATE_LIMITS: 'off' } });
  });

  after(() => parley?.close());

  it('loses no acknowledged entry and leaves no gap', async () => {
    const { origin, stack } = parley!;
    const [ann, ben] = [await register(origin, 'Ann'), await register(origin, 'Ben')];
    const a = new PlainClient(origin, ann.token);
    await a.synced();
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });

    const sent: Sent[] = [];
    const sending: { isOn: boolean } = { isOn: true };
    // Like our client, repeats the request with the same key until there is an answer.
    const sendUntilAnswered = async (one: Sent) => {
      const input = { conversationId: id, clientId: one.clientId, text: one.clientId };
      while (sending.isOn) {
        one.entry = (await a.request('message:send', input).catch(() => undefined)) as
          WireEntry | undefined;
        if (one.entry !== undefined) return;
        await untilConnected(a);
      }
    };
    const send = async (lane: number) => {
      for (let index = 0; sending.isOn; index += 1) {
        const one: Sent = { clientId: `${lane}-${index}`, entry: undefined };
        sent.push(one);
        await sendUntilAnswered(one);
      }
    };
    const lanes = Array.from({ length: 10 }, (_, lane) => send(lane));
    const acknowledged = () => sent.filter(({ entry }) => entry !== undefined).length;

    for (let round = 1; round <= 3; round += 1) {
      const before = acknowledged();
      await holds(() => acknowledged() >= before + 200);
      const killed = stack.parts().filter(({ kind }) => kind === 'messaging' || kind === 'mongod');
      const restarted = killed.map(({ name }) => stack.restarted(name));
      for (const { pid } of killed) process.kill(pid, 'SIGKILL');
      await Promise.all(restarted);
      await holds(() => acknowledged() >= before + 400);
    }
    sending.isOn = false;
    await Promise.all(lanes);
    a.close();

    const reader = new PlainClient(origin, ben.token, { sync: 'heads' });
    await reader.until(() => reader.saw('ready'));
    const log: WireEntry[] = [];
    for (let hasMore = true; hasMore;) {
      const after = log.at(-1)?.seq ?? 0;
      const page = await reader.request('conversation:entries', {
        conversationId: id,
        after,
        limit: 200,
      });
      log.push(...page.entries);
      ({ hasMore } = page);
    }
    reader.close();
    assert.deepEqual(
      log.map(({ seq }) => seq),
      log.map((_, index) => index + 1),
    );
    const byKey = new Map(log.map((entry) => [entry.clientId, entry]));
    assert.equal(byKey.size, log.length, 'an entry stands twice');
    for (const { clientId, entry } of sent) {
      if (entry === undefined) continue;
      assert.deepEqual(byKey.get(clientId), entry, `${clientId} was acknowledged otherwise`);
    }
  }).timeout(180_000);
});
