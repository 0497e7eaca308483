import assert from 'node:assert/strict';
import type { RunningService } from '@parley/backend-common';
import { testRedisUrl } from '@parley/backend-common/testing';
import type { Entry } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { call, collected } from '../support/connections.ts';
import type { Person } from '../support/people.ts';
import { switchProxy } from '../support/switch-proxy.ts';
import { TestStack } from '../support/stack.ts';
import { swallowingProxy } from '../support/swallowing-proxy.ts';
import { until } from '../support/until.ts';

/** The connection on which a node receives cluster events. */
const SUBSCRIBER = 'parley-messaging-subscriber';
/** Milliseconds within which every entry reaches the sockets of other nodes. */
const PROMISED = 2_000;

interface Untyped {
  on(name: string, listener: (given: unknown, acknowledge: () => void) => void): unknown;
}

/** The entries that a socket was sent, live or in pages, in the order of their arrival. */
class Received {
  isReplayed = false;
  readonly #entries: Entry[] = [];

  constructor(socket: Socket) {
    const untyped: Untyped = socket;
    untyped.on('entry', (entry) => this.#entries.push(entry as Entry));
    untyped.on('sync:page', (page, acknowledge) => {
      this.#entries.push(...(page as { entries: Entry[] }).entries);
      acknowledge();
    });
    untyped.on('sync:done', () => {
      this.isReplayed = true;
    });
  }

  seqs(conversationId: string): number[] {
    return this.#entries.flatMap((entry) =>
      entry.conversationId === conversationId ? entry.seq : [],
    );
  }
}

/** A connection to Redis that a test can lose. */
interface LossyConnection {
  readonly port: number;
  /** Whether what the node publishes is lost too. */
  readonly isClosed: boolean;
  lose(): void;
  restore(): void;
  close(): Promise<void>;
}

const losses: Record<string, (port: number) => Promise<LossyConnection>> = {
  'is closed': async (port) => {
    const proxy = await switchProxy(port);
    const { port: own } = proxy;
    return {
      port: own,
      isClosed: true,
      lose: () => proxy.off(),
      restore: () => proxy.on(),
      close: () => proxy.close(),
    };
  },
  'is open and carries nothing to the node': async (port) => {
    const proxy = await swallowingProxy(port);
    const { port: own } = proxy;
    return {
      port: own,
      isClosed: false,
      lose: () => proxy.swallow({ direction: 'to client', marker: SUBSCRIBER }),
      restore() {
        proxy.pass();
        proxy.cutBroken();
      },
      close: () => proxy.close(),
    };
  },
};

for (const [state, connect] of Object.entries(losses)) {
  describe(`two nodes, while the connection of one to Redis ${state}`, function () {
    // A node notices within 10 s that no cluster event arrives.
    this.timeout(60_000);
    let stack: TestStack;
    let redis: LossyConnection;
    let hearing: RunningService;
    let deaf: RunningService;

    before(async () => {
      stack = await TestStack.create();
      const url = new URL(testRedisUrl());
      redis = await connect(Number(url.port));
      const env = { PARLEY_RATE_LIMITS: 'off' };
      hearing = await stack.node({ ...env, REDIS_URL: url.href });
      url.port = String(redis.port);
      deaf = await stack.node({ ...env, REDIS_URL: url.href });
    });
    after(async () => {
      await stack.close();
      await redis.close();
    });

    const isFollowing = async (node: RunningService) => {
      const text = await (await fetch(node.metricsUrl)).text();
      return /^parley_delivery_change_stream\{.*\} 1$/m.test(text);
    };
    const heads = async (node: RunningService, person: Person) => {
      const socket = await stack.connections.open(node.url, person);
      const entries = new Received(socket);
      await call(socket, 'sync');
      return { socket, entries, changes: collected(socket, 'conversation') };
    };
    const plain = async (node: RunningService, person: Person) => {
      const socket = stack.connections.prepare(node.url, { token: person.token });
      const entries = new Received(socket);
      await until(() => entries.isReplayed);
      return { socket, entries };
    };
    const within = async (ms: number, holds: () => boolean) => {
      const started = performance.now();
      await until(holds);
      assert.ok(performance.now() - started < ms, 'it took too long');
    };

    it('sends live what is written on the other, in order, members who come and go included', async () => {
      const [ann, bo, cleo] = [
        await stack.people.create(),
        await stack.people.create(),
        await stack.people.create(),
      ];
      const conversationId = await stack.group(hearing.url, [ann, bo]);
      const writer = await heads(hearing, ann);
      const readers = [await heads(deaf, bo), await plain(deaf, bo)];
      const resyncs = collected(readers[0]!.socket, 'resync');
      const guest = await heads(deaf, cleo);
      const send = (clientId: string) =>
        call(writer.socket, 'message:send', { conversationId, clientId, text: 'Hello' });
      const last = () => readers.map(({ entries }) => entries.seqs(conversationId).at(-1));
      const isThrough = (seq: number) => () => last().every((each) => each === seq);

      // More entries than a node sends one by one when it notices that it has missed them.
      redis.lose();
      for (let sent = 0; sent < 1_500; sent += 250) {
        await Promise.all(Array.from({ length: 250 }, (_, index) => send(`burst-${sent + index}`)));
      }
      await until(() => last()[1] === 1_501 && (last()[0] === 1_501 || resyncs.length > 0));
      await until(() => isFollowing(deaf));
      await send('alone');
      await within(PROMISED, isThrough(1_502));
      await call(writer.socket, 'member:add', { conversationId, userIds: [cleo.userId] });
      await within(PROMISED, () => guest.changes.length === 1);
      await send('three');
      await within(PROMISED, () => guest.entries.seqs(conversationId).length === 2);
      await call(writer.socket, 'member:remove', { conversationId, userId: cleo.userId });
      await within(PROMISED, () => guest.changes.length === 2);
      const created = await stack.direct(hearing.url, ann, bo);
      const first = { conversationId: created, clientId: 'first', text: 'Hello' };
      await call(writer.socket, 'message:send', first);
      await within(PROMISED, () =>
        readers.every(({ entries }) => entries.seqs(created).length === 2),
      );

      // The other node notices that this one is silent.
      if (redis.isClosed) await until(() => isFollowing(hearing));
      const answer = { conversationId: created, clientId: 'answer', text: 'Hello' };
      await call(readers[0]!.socket, 'message:send', answer);
      await within(PROMISED, () => writer.entries.seqs(created).at(-1) === 3);

      redis.restore();
      await until(async () => !(await isFollowing(deaf)));
      await send('last');
      await within(PROMISED, isThrough(1_506));
      const [seenByHeads, seenByPlain] = readers.map(({ entries }) => entries.seqs(conversationId));
      const all = Array.from({ length: 1_506 }, (_, index) => index + 1);
      assert.deepEqual(seenByPlain, all);
      assert.deepEqual(
        seenByHeads,
        all.filter((seq) => seenByHeads!.includes(seq)),
      );
      assert.deepEqual(guest.entries.seqs(conversationId), [1_503, 1_504, 1_505]);
    });
  });
}
