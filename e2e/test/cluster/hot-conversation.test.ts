import assert from 'node:assert/strict';

import { PlainClient, register, type Account, type WireEntry } from '../support/plain-client.ts';
import { holds, untilConnected } from '../support/poll-client.ts';
import { testStack, type TestStack } from '../support/stack.ts';

/** One send, as its client saw it. */
interface Sent {
  readonly clientId: string;
  entry: WireEntry | undefined;
}

const LANES = 5;
const PAGE = 200;

describe('a conversation that three nodes write while one after the other is killed', () => {
  let parley: TestStack | undefined;

  before(async () => {
    parley = await testStack({ nodes: 3, env: { PARLEY_RATE_LIMITS: 'off' } });
  });

  after(() => parley?.close());

  it('has each acknowledged message once, without gaps, whichever node wrote it', async () => {
    const { origin, stack } = parley!;
    const nodes = stack.parts().filter(({ kind }) => kind === 'messaging');
    const people: Account[] = [];
    for (const name of ['Ann', 'Ben', 'Cem']) people.push(await register(origin, name));
    const clients = people.map(
      ({ token }, index) => new PlainClient(nodes[index]!.url, token, { sync: 'heads' }),
    );
    for (const client of clients) await client.until(() => client.saw('ready'));
    const { id } = await clients[0]!.request('conversation:create', {
      kind: 'group',
      title: 'Hot',
      userIds: people.slice(1).map(({ userId }) => userId),
    });

    const sending = { isOn: true };
    const sent = clients.map((client) => keepSending(client, id, sending));
    const acknowledged = () =>
      sent.map(({ all }) => all.filter(({ entry }) => entry !== undefined).length);
    const goOn = async () => {
      const before = acknowledged();
      await holds(() => acknowledged().every((count, index) => count >= before[index]! + 100));
    };
    await goOn();
    for (const { name, pid } of nodes) {
      const restarted = stack.restarted(name);
      process.kill(pid, 'SIGKILL');
      await restarted;
      await goOn();
    }
    sending.isOn = false;
    await Promise.all(sent.map(({ done }) => done));

    const log = await entriesOf(clients[0]!, id);
    for (const client of clients) client.close();
    assert.deepEqual(
      log.map(({ seq }) => seq),
      log.map((_, index) => index + 1),
    );
    const keyOf = ({ clientId, senderId }: WireEntry) => `${senderId} ${clientId}`;
    const byKey = new Map(log.map((entry) => [keyOf(entry), entry]));
    assert.equal(byKey.size, log.length, 'an entry is stored twice');
    for (const { entry } of sent.flatMap(({ all }) => all)) {
      if (entry !== undefined) assert.deepEqual(byKey.get(keyOf(entry)), entry);
    }
  }).timeout(180_000);
});

/** Sends in several lanes, each message with the same key until it is acknowledged. */
function keepSending(client: PlainClient, conversationId: string, sending: { isOn: boolean }) {
  const all: Sent[] = [];
  const sendUntilAcknowledged = async (one: Sent) => {
    const { clientId } = one;
    const input = { conversationId, clientId, text: clientId };
    while (sending.isOn && one.entry === undefined) {
      one.entry = (await client.request('message:send', input).catch(() => undefined)) as
        WireEntry | undefined;
      if (one.entry === undefined) await untilConnected(client);
    }
  };
  const lane = async (number: number) => {
    for (let index = 0; sending.isOn; index += 1) {
      const one: Sent = { clientId: `${number}-${index}`, entry: undefined };
      all.push(one);
      await sendUntilAcknowledged(one);
    }
  };
  const done = Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return { all, done };
}

async function entriesOf(client: PlainClient, conversationId: string): Promise<WireEntry[]> {
  const log: WireEntry[] = [];
  for (let hasMore = true; hasMore;) {
    const after = log.at(-1)?.seq ?? 0;
    const input = { conversationId, after, limit: PAGE };
    const page = await client.request('conversation:entries', input);
    log.push(...page.entries);
    ({ hasMore } = page);
  }
  return log;
}
