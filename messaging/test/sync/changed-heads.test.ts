import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import { operations, type Head, type OperationOutput } from '@parley/common/contract';
import fc from 'fast-check';
import type { Socket } from 'socket.io-client';

import { call, closed, collected, refusal } from '../support/connections.ts';
import { request } from '../support/http.ts';
import type { Person } from '../support/people.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Answer = OperationOutput<'sync'>;

const compare = async (socket: Socket, input: object = {}): Promise<Answer> =>
  operations.sync.output.parse(await call(socket, 'sync', input));

const idsOf = (heads: readonly Head[]) => heads.map(({ conversationId }) => conversationId);

/** So that nothing is found by the time of its change but what happens from now on. Otherwise the last 70 minutes are. */
const forgetTimes = (stack: TestStack, { userId }: Person) =>
  stack.mongo.db.collection('members').updateMany({ userId }, { $unset: { changedAt: '' } });

/** What a client knows: the heads of all its conversations. */
class Known {
  readonly heads = new Map<string, Head>();
  #token: string | undefined;
  /** How many answers had only what had changed. */
  changes = 0;

  /** Compares as a client does, and returns the answer. */
  async compare(socket: Socket): Promise<Answer> {
    const { since } = this;
    const answer = await compare(socket, since === undefined ? {} : { since });
    if (answer.changes) this.changes += 1;
    else this.heads.clear();
    for (const id of answer.changes?.left ?? []) this.heads.delete(id);
    for (const head of answer.heads) this.heads.set(head.conversationId, head);
    this.#token = answer.syncToken ?? undefined;
    if (answer.changes) assert.equal(this.heads.size, answer.changes.total);
    return answer;
  }

  get since(): string | undefined {
    return this.#token;
  }

  get sorted(): Head[] {
    return [...this.heads.values()].sort((one, other) =>
      one.conversationId < other.conversationId ? -1 : 1,
    );
  }
}

describe('a comparison with what has changed', () => {
  let stack: TestStack;
  let node: RunningService;
  let ann: Person;
  let ben: Person;
  let other: Socket;
  let phone: Socket;
  let first: string;
  let second: string;

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({ PARLEY_RATE_LIMITS: 'off' });
  });
  beforeEach(async () => {
    [ann, ben] = [await stack.people.create(), await stack.people.create()];
    await stack.acquaint(node.url, ann, ben);
    first = await stack.group(node.url, [ben, ann]);
    second = await stack.group(node.url, [ben, ann]);
    other = await stack.connections.open(node.url, ben);
    phone = await stack.connections.open(node.url, ann);
  });
  after(() => stack.close());

  const reconnect = async () => {
    const gone = closed(phone);
    phone.disconnect();
    await gone;
    phone = await stack.connections.open(node.url, ann);
  };
  const send = (conversationId: string, text = 'Hello') =>
    call(other, 'message:send', { conversationId, clientId: `c-${text}`, text });
  const member = (conversationId: string) => ({ conversationId, userId: ann.userId });
  /** What the next connection is told of what happens meanwhile. */
  const reconnectAfter = async (what: () => Promise<unknown>) => {
    await forgetTimes(stack, ann);
    const known = new Known();
    const all = await known.compare(phone);
    assert.deepEqual([all.changes, all.heads.length], [null, 3]);
    await what();
    await reconnect();
    const answer = await known.compare(phone);
    const full = await compare(phone);
    assert.deepEqual(known.sorted, full.heads);
    assert.notEqual(answer.changes, null);
    return { heads: answer.heads, ...answer.changes!, known };
  };

  it('has nothing if nothing has happened', async () => {
    const { heads, left, total } = await reconnectAfter(() => Promise.resolve());
    assert.deepEqual([heads, left, total], [[], [], 3]);
  });

  for (const [what, change] of Object.entries({
    'a message': () => send(first),
    'a mark of another device': () =>
      request(`${node.url}/conversations/${first}/receipts/read`, {
        ...{ method: 'PUT', as: ann, body: { seq: 1 } },
      }),
    'a setting': () =>
      request(`${node.url}/conversations/${first}/settings`, {
        ...{ method: 'PUT', as: ann, body: { pinned: true } },
      }),
    'a title': () => call(other, 'conversation:update', { conversationId: first, title: 'New' }),
    'a role': () => call(other, 'member:role', { ...member(first), role: 'admin' }),
    'a membership that ended and began again': async () => {
      await call(other, 'member:remove', member(first));
      await call(other, 'member:add', { conversationId: first, userIds: [ann.userId] });
    },
  })) {
    it(`has ${what}`, async () => {
      const { heads, left } = await reconnectAfter(change);
      assert.deepEqual([idsOf(heads), left], [[first], []]);
    });
  }

  it('names the conversations that the user has left, also those that nobody belongs to any more', async () => {
    const alone = await stack.group(node.url, [ann]);
    await compare(phone);
    await call(other, 'member:remove', member(first));
    const known = new Known();
    assert.equal((await known.compare(phone)).heads.length, 3);
    await call(other, 'member:remove', member(second));
    const path = `${node.url}/conversations/${alone}/members/${ann.userId}`;
    assert.equal((await request(path, { method: 'DELETE', as: ann })).status, 204);
    await reconnect();
    const { changes, heads } = await known.compare(phone);
    assert.ok(changes);
    assert.ok([second, alone].every((id) => changes.left.includes(id)));
    assert.equal(changes.total, 1);
    assert.ok(!idsOf(heads).some((id) => changes.left.includes(id)));
    assert.deepEqual(known.sorted, (await compare(phone)).heads);
  });

  it('has a conversation that the user was added to, whose events follow', async () => {
    let added = '';
    const { heads, total } = await reconnectAfter(async () => {
      added = await stack.group(node.url, [ben, ann]);
    });
    assert.deepEqual([idsOf(heads), total], [[added], 4]);
    const live = collected(phone, 'entry');
    await send(added);
    await until(() => live.length === 1);
  });

  it('comes once the socket gets the events of conversations without a head in it', async () => {
    const { heads } = await reconnectAfter(() => send(first));
    assert.deepEqual(idsOf(heads), [first]);
    const live = collected(phone, 'entry');
    await send(second);
    await until(() => live.length === 1);
    assert.equal(live[0]?.conversationId, second);
  });

  it('finds a membership that this node was not told of, and lets the socket into its room', async () => {
    const stranger = await stack.node({ PARLEY_RATE_LIMITS: 'off' });
    let added = '';
    const { heads } = await reconnectAfter(async () => {
      // Without Redis the nodes do not tell each other.
      added = await stack.group(stranger.url, [ben, ann]);
    });
    assert.deepEqual(idsOf(heads), [added]);
    const live = collected(phone, 'entry');
    await send(added);
    await until(() => live.some(({ kind }) => kind === 'message'));
  });

  it('can be asked for by another session of the user, and by nobody else', async () => {
    const known = new Known();
    await known.compare(phone);
    const laptop = await stack.connections.open(node.url, await stack.people.logIn(ann.userId));
    assert.notEqual((await compare(laptop, { since: known.since })).changes, null);
    assert.equal((await compare(other, { since: known.since })).changes, null);
  });

  it('has all heads where the token is of another node, or none', async () => {
    const { syncToken } = await compare(phone);
    const [id = '', ...rest] = syncToken!.split('.');
    const later = [...rest.slice(0, 1), `${Number(rest[1]) + 1}`, ...rest.slice(2)];
    const epoch = [`${Number(rest[0]) + 1}`, ...rest.slice(1)];
    for (const since of [
      ...['token', '....', '-', [id, 'x', ...rest.slice(1)].join('.'), `${syncToken}.1`],
      ...[['other', ...rest].join('.'), [id, ...later].join('.'), [id, ...epoch].join('.')],
    ]) {
      const answer = await compare(phone, { since });
      assert.deepEqual([answer.changes, answer.heads.length], [null, 3], since);
      assert.notEqual(answer.syncToken, null);
    }
  });

  it('has all heads in pages if more have changed than fit', async () => {
    const { syncToken: since } = await compare(phone);
    for (const id of [first, second]) await send(id);
    const page = await compare(phone, { since, limit: 1 });
    assert.deepEqual([page.changes, page.hasMore, page.heads.length], [null, true, 1]);
    assert.notEqual(page.syncToken, null);
    const next = await compare(phone, { after: page.heads[0]?.conversationId });
    assert.deepEqual([next.changes, next.syncToken, next.heads.length], [null, null, 2]);
  });

  it('is refused for a malformed token, and for a token with a page', async () => {
    for (const since of ['', 'a'.repeat(201), 'a b', 'ä', 1, null, ['token']])
      assert.equal(await refusal(phone, 'sync', { since }), 'invalid_input');
    const both = { since: 'token', after: first };
    assert.equal(await refusal(phone, 'sync', both), 'invalid_input');
  });

  it('is not offered over HTTP, nor to a plain client', async () => {
    const { syncToken: since } = await compare(phone);
    const plain = stack.connections.prepare(node.url, { token: ann.token });
    const answers = [
      await compare(plain, { since }),
      (await request(`${node.url}/sync`, { method: 'POST', as: ann, body: { since } })).body,
    ] as Answer[];
    for (const { changes, heads, syncToken } of answers)
      assert.deepEqual([changes, syncToken, heads.length], [null, null, 3]);
  });

  it('is the same for a client that does not know of it', async () => {
    const { heads, hasMore } = await compare(phone, { limit: 500 });
    assert.deepEqual([heads.length, hasMore], [3, false]);
  });
});

describe('comparisons on two nodes', () => {
  let stack: TestStack;
  let nodes: RunningService[];

  before(async () => {
    stack = await TestStack.create();
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    nodes = [await stack.node(env), await stack.node(env)];
  });
  after(() => stack.close());

  it('lead to all heads, whatever happens between two of them', async () => {
    const [ann, ben] = [await stack.people.create(), await stack.people.create()];
    const urls = nodes.map(({ url }) => url);
    await stack.acquaint(urls[0]!, ann, ben);
    const owners = await Promise.all(urls.map((url) => stack.connections.open(url, ben)));
    const laptops = await Promise.all(urls.map((url) => stack.connections.open(url, ann)));
    /** Gets every entry that the first node sends: it belongs to all conversations. */
    const witness = await stack.connections.open(urls[0]!, ben);
    await compare(witness);
    const seen = new Map<string, number>();
    witness.on('entry', ({ conversationId, seq }: { conversationId: string; seq: number }) =>
      seen.set(conversationId, seq),
    );
    const groups: string[] = [];
    const isMember = new Map<string, boolean>();
    let count = 0;
    const acts = ['create', 'send', 'read', 'settings', 'title', 'toggle', 'leave', 'cut'] as const;
    const step = fc.record({ act: fc.constantFrom(...acts), at: fc.nat(30), node: fc.nat(1) });
    const known = new Known();
    let phone = await stack.connections.open(urls[0]!, ann);
    await until(async () => (await compare(phone)).syncToken !== null);

    const run = async ({ act, at, node }: { act: string; at: number; node: number }) => {
      const [owner, laptop] = [owners[node]!, laptops[node]!];
      count += 1;
      const clientId = `c${count}`;
      const conversationId = groups[at % Math.max(1, groups.length)];
      if (act === 'cut') {
        if (!phone.connected) return;
        const gone = closed(phone);
        phone.disconnect();
        await gone;
        return;
      }
      if (act === 'create' || conversationId === undefined) {
        const userIds = [ann.userId];
        const input = { kind: 'group', title: 'Group', userIds, clientId };
        const { id } = (await call(owner, 'conversation:create', input)) as { id: string };
        groups.push(id);
        isMember.set(id, true);
        return;
      }
      const isIn = isMember.get(conversationId) === true;
      const user = { conversationId, userId: ann.userId };
      if (act === 'send')
        await call(owner, 'message:send', { conversationId, clientId, text: 'Hello' });
      else if (act === 'title')
        await call(owner, 'conversation:update', { conversationId, title: clientId, clientId });
      else if (act === 'toggle') {
        if (isIn) await call(owner, 'member:remove', { ...user, clientId });
        else await call(owner, 'member:add', { conversationId, userIds: [ann.userId], clientId });
        isMember.set(conversationId, !isIn);
      } else if (isIn && act === 'leave') {
        await call(laptop, 'member:remove', { ...user, clientId });
        isMember.set(conversationId, false);
      } else if (isIn && act === 'read')
        await call(laptop, 'receipt:read', { conversationId, seq: 1_000_000 });
      else if (isIn && act === 'settings')
        await call(laptop, 'conversation:settings', { conversationId, mutedUntil: count });
    };
    /** Until the first node has sent everything. */
    const settled = async () => {
      const { heads } = await compare(witness);
      await until(() =>
        heads.every(({ conversationId: id, lastSeq }) => (seen.get(id) ?? lastSeq) >= lastSeq),
      );
    };

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        for (const each of steps) await run(each);
        await settled();
        if (!phone.connected) phone = await stack.connections.open(urls[0]!, ann);
        await known.compare(phone);
        assert.deepEqual(known.sorted, (await compare(phone)).heads);
        await forgetTimes(stack, ann);
      }),
      { numRuns: 25, endOnFailure: true },
    );
    assert.ok(known.changes > 10, `only ${known.changes} answers had what has changed`);
  }).timeout(120_000);
});
