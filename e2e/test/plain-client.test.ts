import assert from 'node:assert/strict';

import { fetchWithin } from './support/patience.ts';
import { PlainClient, register, type Account } from './support/plain-client.ts';
import { testStack, type TestStack } from './support/stack.ts';

const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('a plain Socket.IO client', function () {
  this.timeout(60_000);
  let parley: TestStack | undefined;
  let origin = '';
  let ann: Account;
  let ben: Account;
  const open: PlainClient[] = [];

  const connect = async (account: Account) => {
    const client = new PlainClient(origin, account.token);
    open.push(client);
    await client.synced();
    return client;
  };

  before(async () => {
    parley = await testStack({ env: { PARLEY_RATE_LIMITS: 'off' } });
    ({ origin } = parley);
  });

  beforeEach(async () => {
    [ann, ben] = [await register(origin, 'Ann'), await register(origin, 'Ben')];
  });

  afterEach(() => {
    for (const client of open.splice(0)) client.close();
  });

  after(() => parley?.close());

  it('talks both ways and learns what was delivered and read', async () => {
    const [a, b] = [await connect(ann), await connect(ben)];
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    await a.request('message:send', { conversationId: id, clientId: 'a1', text: 'Hello Ben' });
    await b.until(() => b.of(id).some(({ text }) => text === 'Hello Ben'));
    await b.request('message:send', { conversationId: id, clientId: 'b1', text: 'Hello Ann' });
    await a.until(() => a.of(id).some(({ text }) => text === 'Hello Ann'));
    await b.request('receipt:read', { conversationId: id, seq: 2 });
    await a.until(() =>
      a.events.some(
        ([name, { userId, readSeq }]) =>
          name === 'receipt' && userId === ben.userId && readSeq === 2,
      ),
    );
  });

  it('sends 500 messages with 50 in flight, which arrive once, gapless, in one order', async () => {
    const [a, b] = [await connect(ann), await connect(ben)];
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    const texts = upTo(1, 500).map((number) => `message ${number}`);
    let next = 0;
    const send = async (): Promise<void> => {
      for (let index = next++; index < texts.length; index = next++) {
        const input = { conversationId: id, clientId: `c${index}`, text: texts[index] };
        await a.request('message:send', input);
      }
    };
    await Promise.all(upTo(1, 50).map(send));
    await b.until(() => b.of(id).length >= 501);
    assert.deepEqual(
      b.of(id).map(({ seq }) => seq),
      upTo(1, 501),
    );
    assert.deepEqual(
      b
        .of(id)
        .slice(1)
        .map(({ text }) => text),
      texts,
    );
  });

  it('gets 10,000 missed messages in order on return, on each of its devices, and none again', async () => {
    const a = await connect(ann);
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    const first = await connect(ben);
    first.close();
    for (let batch = 0; batch < 20; batch += 1) {
      await Promise.all(
        upTo(1, 500).map((index) =>
          a.request('message:send', {
            conversationId: id,
            clientId: `${batch}-${index}`,
            text: 'x',
          }),
        ),
      );
    }
    const phone = await connect(ben);
    assert.deepEqual(
      phone.of(id).map(({ seq }) => seq),
      upTo(2, 10_001),
    );
    phone.close();
    const again = await connect(ben);
    assert.deepEqual(again.of(id), []);
  });

  it('is replayed by session: what the phone acknowledged still reaches the tablet', async () => {
    const a = await connect(ann);
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    const phone = await connect(ben);
    const tabletSession = await logIn(ben);
    const tablet = await connect(tabletSession);
    tablet.close();
    await a.request('message:send', { conversationId: id, clientId: '1', text: 'for both' });
    await phone.until(() => phone.of(id).some(({ seq }) => seq === 2));
    await phone.request('receipt:delivered', { conversationId: id, seq: 2 });
    const back = await connect(tabletSession);
    assert.deepEqual(
      back.of(id).map(({ text }) => text),
      ['for both'],
    );
  });

  it('sees live entries only after the replay of their conversation, ascending and once', async () => {
    const a = await connect(ann);
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    (await connect(ben)).close();
    await Promise.all(
      upTo(1, 2_000).map((index) =>
        a.request('message:send', { conversationId: id, clientId: `away${index}`, text: 'x' }),
      ),
    );
    const b = new PlainClient(origin, ben.token);
    open.push(b);
    await Promise.all(
      upTo(1, 300).map((index) =>
        a.request('message:send', { conversationId: id, clientId: `live${index}`, text: 'y' }),
      ),
    );
    await b.until(() => (b.of(id).at(-1)?.seq ?? 0) >= 2_301);
    assert.deepEqual(
      b.of(id).map(({ seq }) => seq),
      upTo(2, 2_301),
    );
  });

  it('never marks as delivered what it was not sent', async () => {
    const a = await connect(ann);
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    (await connect(ben)).close();
    await Promise.all(
      upTo(1, 1_000).map((index) =>
        a.request('message:send', { conversationId: id, clientId: `c${index}`, text: 'x' }),
      ),
    );
    const b = new PlainClient(origin, ben.token);
    open.push(b);
    await b.until(() => b.of(id).length > 0);
    const receipt = await b.request('receipt:delivered', { conversationId: id, seq: 1_000_000 });
    const sent = b.of(id).at(-1)?.seq ?? 0;
    assert.ok(receipt.deliveredSeq <= Math.max(sent, 1_001), `${receipt.deliveredSeq} > ${sent}`);
    await b.synced();
    assert.equal(
      (await b.request('receipt:delivered', { conversationId: id, seq: 1_000_000 })).deliveredSeq,
      1_001,
    );
  });

  it('gives one entry for ten parallel repeats of one send', async () => {
    const a = await connect(ann);
    const { id } = await a.request('conversation:create', { kind: 'direct', userId: ben.userId });
    const input = { conversationId: id, clientId: 'once', text: 'once' };
    const entries = await Promise.all(upTo(1, 10).map(() => a.request('message:send', input)));
    assert.equal(new Set(entries.map((entry) => JSON.stringify(entry))).size, 1);
  });

  it('gives one conversation for 20 parallel creations from both sides', async () => {
    const [a, b] = [await connect(ann), await connect(ben)];
    const made = await Promise.all(
      upTo(1, 20).map((index) =>
        index % 2
          ? a.request('conversation:create', { kind: 'direct', userId: ben.userId })
          : b.request('conversation:create', { kind: 'direct', userId: ann.userId }),
      ),
    );
    assert.equal(new Set(made.map((one: { id: string }) => one.id)).size, 1);
    const { entries } = await a.request('conversation:entries', { conversationId: made[0].id });
    assert.equal(entries.length, 1);
  });

  it('comes into a group live, and is out of it at once', async () => {
    const [a, b] = [await connect(ann), await connect(ben)];
    const { id } = await a.request('conversation:create', {
      kind: 'group',
      title: 'Team',
      userIds: [],
    });
    await a.request('message:send', { conversationId: id, clientId: 'before', text: 'before Ben' });
    await a.request('member:add', { conversationId: id, userIds: [ben.userId] });
    await a.request('message:send', { conversationId: id, clientId: 'with', text: 'with Ben' });
    await b.until(() => b.of(id).length === 2);
    assert.deepEqual(
      b.of(id).map(({ kind, text }) => text ?? kind),
      ['members', 'with Ben'],
    );
    await a.request('member:remove', { conversationId: id, userId: ben.userId });
    await a.request('message:send', { conversationId: id, clientId: 'after', text: 'after Ben' });
    await b.until(() =>
      b.events.some(([name, payload]) => name === 'conversation' && payload.action === 'removed'),
    );
    await assert.rejects(b.request('conversation:entries', { conversationId: id }), {
      code: 'not_found',
    });
    await a.request('member:add', { conversationId: id, userIds: [ben.userId] });
    await a.request('message:send', { conversationId: id, clientId: 'again', text: 'Ben again' });
    await b.until(() => b.of(id).some(({ text }) => text === 'Ben again'));
    assert.deepEqual(
      b.of(id).map(({ kind, text }) => text ?? kind),
      ['members', 'with Ben', 'members', 'members', 'Ben again'],
    );
  });

  async function logIn({ username }: Account): Promise<Account> {
    const response = await fetchWithin(`${origin}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: 'a long enough secret' }),
    });
    const { session, sessionToken, user } = await response.json();
    return { userId: user.id, username, token: sessionToken, sessionId: session.id };
  }
});
