import assert from 'node:assert/strict';

import { ADMINISTRATOR, Administrator } from '../support/administrator.ts';
import { PlainClient, call, logIn, register, type Account } from '../support/plain-client.ts';
import { poll } from '../support/poll.ts';
import { testStack, type TestStack } from '../support/stack.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('two messaging nodes', () => {
  let parley: TestStack | undefined;
  let urls: string[] = [];
  const open: PlainClient[] = [];

  const connect = async (node: number, account: Account, auth: Record<string, unknown> = {}) => {
    const client = new PlainClient(urls[node]!, account.token, auth);
    open.push(client);
    await client.until(() => client.saw(auth['sync'] === 'heads' ? 'ready' : 'sync:done'));
    return client;
  };

  before(async () => {
    parley = await testStack({
      nodes: 2,
      env: { PARLEY_RATE_LIMITS: 'off', PARLEY_ADMINS: ADMINISTRATOR },
    });
    urls = parley.stack
      .parts()
      .filter(({ kind }) => kind === 'messaging')
      .map(({ url }) => url);
    assert.equal(urls.length, 2);
  });

  afterEach(() => {
    for (const client of open.splice(0)) client.close();
  });

  after(() => parley?.close());

  it('show everybody one order, gapless and once, while both write', async () => {
    const people = await Promise.all(
      ['Ann', 'Ben', 'Cem', 'Dee'].map((name) => register(parley!.origin, name)),
    );
    const clients = await Promise.all(people.map((person, index) => connect(index % 2, person)));
    const { id } = await clients[0]!.request('conversation:create', {
      kind: 'group',
      title: 'Two nodes',
      userIds: people.slice(1).map(({ userId }) => userId),
    });
    await Promise.all(
      clients.flatMap((client, who) =>
        range(250).map((index) =>
          client
            .request('message:send', {
              conversationId: id,
              clientId: `c${index}`,
              text: `${who}:${index}`,
            })
            // The sender has its entry as the ack and not again as an event.
            .then((entry) => client.got.push(entry)),
        ),
      ),
    );
    const watchers = clients.map(async (client) => {
      await client.until(() => new Set(client.of(id).map(({ seq }) => seq)).size >= 1_001);
      return client.of(id);
    });
    const seen = await Promise.all(watchers);
    const { entries } = await pagesOf(clients[0]!, id);
    for (const [who, own] of seen.entries()) {
      const foreign = own.filter(({ senderId }) => senderId !== people[who]!.userId);
      const expected = entries.filter(({ senderId }) => senderId !== people[who]!.userId);
      assert.deepEqual(
        foreign.map(({ seq }) => seq),
        expected.map(({ seq }) => seq),
        `client ${who} saw the others in another order`,
      );
    }
    for (const [who] of people.entries()) {
      const own = entries.filter(({ text }) => text?.startsWith(`${who}:`));
      assert.deepEqual(
        own.map(({ text }) => text),
        range(250).map((index) => `${who}:${index}`),
      );
    }
  });

  it('let a new member in and a removed one out between two entries', async () => {
    const [ann, ben] = [
      await register(parley!.origin, 'Ann'),
      await register(parley!.origin, 'Ben'),
    ];
    const [a, b] = [await connect(0, ann), await connect(1, ben)];
    const { id } = await a.request('conversation:create', {
      kind: 'group',
      title: 'In and out',
      userIds: [],
    });
    for (const round of range(10)) {
      await a.request('message:send', {
        conversationId: id,
        clientId: `out${round}`,
        text: `out ${round}`,
      });
      await a.request('member:add', { conversationId: id, userIds: [ben.userId] });
      await a.request('message:send', {
        conversationId: id,
        clientId: `in${round}`,
        text: `in ${round}`,
      });
      await a.request('member:remove', { conversationId: id, userId: ben.userId });
    }
    await b.until(() => b.of(id).filter(({ kind }) => kind === 'members').length >= 20);
    const texts = b.of(id).flatMap(({ text }) => text ?? []);
    assert.deepEqual(
      texts,
      range(10).map((round) => `in ${round}`),
    );
  });

  it('answer repeats of one send on either node, over either transport, with one entry', async () => {
    const [ann, ben] = [
      await register(parley!.origin, 'Ann'),
      await register(parley!.origin, 'Ben'),
    ];
    const [here, there] = [await connect(0, ann), await connect(1, ann)];
    const { id } = await here.request('conversation:create', {
      kind: 'direct',
      userId: ben.userId,
    });
    const input = { conversationId: id, clientId: 'once', text: 'once' };
    const overHttp = () =>
      call(parley!.origin, {
        method: 'POST',
        path: `/conversations/${id}/messages`,
        token: ann.token,
        body: { clientId: 'once', text: 'once' },
      }).then(({ body }) => body as { id: string });
    const entries = await Promise.all([
      ...range(5).flatMap(() => [
        here.request('message:send', input),
        there.request('message:send', input),
      ]),
      overHttp(),
      overHttp(),
    ]);
    assert.equal(new Set(entries.map((entry: { id: string }) => entry.id)).size, 1);
  });

  it('close the sockets of a revoked session within a second, on every node', async () => {
    const ann = await register(parley!.origin, 'Ann');
    const sockets = [await connect(0, ann), await connect(1, ann)];
    const startedAt = performance.now();
    await call(parley!.origin, {
      method: 'POST',
      path: '/auth/logout',
      token: ann.token,
      body: {},
    });
    await Promise.all(
      sockets.map((client) => client.until(() => client.saw('session:closed'), 5_000)),
    );
    assert.ok(performance.now() - startedAt < 1_500);
    for (const client of sockets) {
      const [, closed] = client.events.find(([name]) => name === 'session:closed')!;
      assert.deepEqual(closed, { code: 'session_expired', reconnect: false });
    }
  });

  async function pagesOf(client: PlainClient, conversationId: string) {
    const entries: { seq: number; senderId: string; text?: string | null }[] = [];
    for (let hasMore = true; hasMore;) {
      const after = entries.at(-1)?.seq ?? 0;
      const page = await client.request('conversation:entries', {
        conversationId,
        after,
        limit: 200,
      });
      entries.push(...page.entries);
      ({ hasMore } = page);
    }
    return { entries };
  }

  it('both close the sockets of a suspended user, push no more, and keep what is sent to it', async () => {
    const operator = await Administrator.of(parley!);
    const [ann, ben] = [
      await register(parley!.origin, 'Ann'),
      await register(parley!.origin, 'Ben'),
    ];
    const again = await logIn(parley!.origin, ben);
    const sender = await connect(0, ann);
    const suspended = [await connect(0, ben), await connect(1, again)];
    for (const [index, client] of suspended.entries()) {
      await client.request('device:register', {
        ...{ token: `of-ben-${index}`, platform: 'android' },
      });
    }
    const { id } = await sender.request('conversation:create', {
      ...{ kind: 'direct', userId: ben.userId },
    });
    await operator.does('suspend', ben);
    for (const client of suspended) await client.until(() => client.saw('session:closed'));
    const message = await sender.request('message:send', {
      ...{ conversationId: id, clientId: 'kept', text: 'Are you there?' },
    });
    const path = `/conversations/${id}/messages/${message.id}/delivery`;
    await poll(async () => {
      const { body } = await call(parley!.origin, { method: 'GET', path, token: ann.token });
      const [{ reason }] = body['recipients'] as [{ reason: string }];
      return reason === 'no_device' || undefined;
    });

    await operator.does('restore', ben);
    const back = await connect(1, await logIn(parley!.origin, ben));
    await back.until(() => back.of(id).some(({ text }) => text === 'Are you there?'));
  });
});
