import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { operations } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { call, closed, eventOf } from '../support/connections.ts';
import { request } from '../support/http.ts';
import { seedConversations } from '../support/many-conversations.ts';
import type { Person } from '../support/people.ts';
import { profiled, type Profiled } from '../support/profiled.ts';
import { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const MANY = 1_200;
const FEW = 10;
/** What a reconnect of a user with many conversations may cost, in costs of one with few. */
const FACTOR = 3;

interface Sequenced {
  readonly conversationId: string;
  readonly seq: number;
}

/** `changed heads` compares every conversation, and later those that have changed. */
type Mode = 'heads' | 'changed heads' | 'plain';

/** A client, and what it has got in its newest connection. */
class Device {
  readonly got: string[] = [];
  #socket: Socket | undefined;
  #token: string | undefined;
  readonly #open: () => Socket;

  constructor(open: () => Socket) {
    this.#open = open;
  }

  /** Resolves when everything that was missed has arrived, and the socket is in all its rooms. */
  async connect(mode: Mode): Promise<void> {
    const socket = this.#open();
    this.#socket = socket;
    this.got.length = 0;
    const take = ({ conversationId, seq }: Sequenced) => this.got.push(`${conversationId}:${seq}`);
    socket.on('entry', take);
    socket.on('sync:page', (page: { entries: Sequenced[] }, acknowledge: () => void) => {
      page.entries.forEach(take);
      acknowledge();
    });
    if (mode === 'plain') {
      await eventOf(socket, 'sync:done');
      return;
    }
    await eventOf(socket, 'ready');
    if (mode === 'heads') await call(socket, 'sync', { limit: 1 });
    else await this.#compare(socket);
  }

  /** Reads the heads of all conversations, or those that have changed since the last time. */
  async #compare(socket: Socket): Promise<void> {
    const since = this.#token;
    let answer = operations.sync.output.parse(await call(socket, 'sync', { since }));
    this.#token = answer.syncToken ?? undefined;
    while (answer.hasMore) {
      const after = answer.heads.at(-1)?.conversationId;
      answer = operations.sync.output.parse(await call(socket, 'sync', { after }));
    }
  }

  async disconnect(): Promise<void> {
    if (this.#socket === undefined) return;
    const gone = closed(this.#socket);
    this.#socket.disconnect();
    await gone;
  }
}

describe('a reconnect of a user with many conversations', function () {
  this.timeout(60_000);
  let stack: TestStack;
  let node: RunningService;
  let other: Person;
  const ids = new Map<Person, string[]>();
  let [busy, quiet]: Person[] = [];

  before(async () => {
    stack = await TestStack.create();
    node = await stack.node({ PARLEY_RATE_LIMITS: 'off' });
    other = await stack.people.create();
    [busy, quiet] = [await stack.people.create(), await stack.people.create()];
    for (const [person, count] of [[busy, MANY] as const, [quiet, FEW] as const]) {
      const pair = [person.userId, other.userId] as const;
      ids.set(person, await seedConversations(stack.mongo.db, pair, count));
    }
  });
  after(() => stack.close());

  const device = (person: Person, mode: Mode) => {
    const auth = mode === 'plain' ? {} : { sync: 'heads' };
    return new Device(() => stack.connections.prepare(node.url, { token: person.token, ...auth }));
  };
  /** Documents and keys that the database examines while a device connects. */
  const examined = async (connecting: () => Promise<void>) => {
    const ns = /\.(conversations|cursors|entries|members)$/;
    const ops: (Profiled & { keysExamined?: number })[] = await profiled(
      stack.mongo,
      ns,
      connecting,
    );
    return ops.reduce(
      (sum, { docsExamined = 0, keysExamined = 0 }) => sum + docsExamined + keysExamined,
      ops.length,
    );
  };
  const send = async (conversationId: string, text: string) => {
    const path = `${node.url}/conversations/${conversationId}/messages`;
    const body = { clientId: text, text };
    const { status } = await request(path, { method: 'POST', as: other, body });
    assert.equal(status, 200);
  };

  for (const mode of ['heads', 'changed heads', 'plain'] as const) {
    it(`costs the database at most ${FACTOR} times that of one with ${FEW} (${mode})`, async () => {
      const costs: number[] = [];
      for (const person of [busy!, quiet!]) {
        const phone = device(person, mode);
        await phone.connect(mode);
        await phone.disconnect();
        costs.push(await examined(() => phone.connect(mode)));
        await phone.disconnect();
      }
      const [many = Infinity, few = 0] = costs;
      assert.ok(many <= FACTOR * few, `${many} against ${few}`);
    });
  }

  it('is sent exactly what was written meanwhile, and then what is written next (plain)', async () => {
    const phone = device(busy!, 'plain');
    await phone.connect('plain');
    await phone.disconnect();
    const [first = '', second = '', third = ''] = ids.get(busy!) ?? [];
    for (const id of [first, second]) await send(id, 'meanwhile');
    await phone.connect('plain');
    assert.deepEqual([...phone.got].sort(), [`${first}:3`, `${second}:3`].sort());
    await send(first, 'next');
    await send(third, 'next');
    await until(() => phone.got.length === 4);
    assert.deepEqual(phone.got.slice(2), [`${first}:4`, `${third}:3`]);
    await phone.disconnect();
  });

  it('is sent again what was not acknowledged, however often it reconnects (plain)', async () => {
    const phone = device(quiet!, 'plain');
    await phone.connect('plain');
    const [first = ''] = ids.get(quiet!) ?? [];
    await send(first, 'live');
    await until(() => phone.got.length === 1);
    await phone.disconnect();
    await phone.connect('plain');
    assert.deepEqual(phone.got, [`${first}:3`]);
    await phone.disconnect();
    await phone.connect('plain');
    assert.deepEqual(phone.got, []);
    await phone.disconnect();
  });

  it('is in the rooms of groups that it was added to meanwhile, and in none that it was removed from', async () => {
    const phone = device(quiet!, 'heads');
    await phone.connect('heads');
    await phone.disconnect();
    const added = await stack.group(node.url, [other, quiet!]);
    const [, left = ''] = ids.get(quiet!) ?? [];
    const path = `${node.url}/conversations/${left}/members/${quiet!.userId}`;
    assert.equal((await request(path, { method: 'DELETE', as: quiet! })).status, 204);
    await phone.connect('heads');
    await send(left, 'after-it-left');
    await send(added, 'after-it-joined');
    await until(() => phone.got.length > 0);
    assert.deepEqual(phone.got, [`${added}:2`]);
    await phone.disconnect();
  });
});
