import assert from 'node:assert/strict';
import {
  connectRedis,
  waitForRedis,
  type Redis,
  type RunningService,
} from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';
import { operations } from '@parley/common/contract';

import { call, heard } from '../../support/connections.ts';
import { metric } from '../../support/http.ts';
import { newId, say } from '../../support/test-log.ts';
import { TestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

/** Where nodes of former versions publish entries: all events of the Socket.IO adapter. */
const ADAPTER = 'socket.io-request#/#';
const ENTRIES = 'parley:entries';
const HEARTBEATS = 'parley:heartbeat';

/** What a node of a former version sends and hears through Redis. */
class FormerNode {
  readonly nodeId = newId();
  readonly heard: { readonly channel: string; readonly message: string }[] = [];
  readonly #commands = connectRedis({ url: testRedisUrl(), name: 'test', logger: silentLogger() });
  readonly #subscriber = connectRedis({
    url: testRedisUrl(),
    name: 'test',
    logger: silentLogger(),
  });

  async start(): Promise<void> {
    const clients: Redis[] = [this.#commands, this.#subscriber];
    await Promise.all(clients.map((client) => waitForRedis(client)));
    this.#subscriber.on('message', (channel: string, message: string) => {
      this.heard.push({ channel, message });
    });
    await this.#subscriber.subscribe(ADAPTER, ENTRIES);
  }

  beat(): Promise<unknown> {
    const heartbeat = { nodeId: this.nodeId, at: 1, greets: true };
    return this.#commands.publish(HEARTBEATS, JSON.stringify(heartbeat));
  }

  publish(documents: readonly unknown[]): Promise<unknown> {
    const event = { uid: 'former', type: 6, data: ['entries', documents, this.nodeId] };
    return this.#commands.publish(ADAPTER, JSON.stringify(event));
  }

  close(): void {
    this.#commands.disconnect();
    this.#subscriber.disconnect();
  }
}

describe('a node beside one of a former version', () => {
  let stack: TestStack;
  let node: RunningService;
  let former: FormerNode;

  before(async () => {
    stack = await TestStack.create();
    former = new FormerNode();
    await former.start();
    node = await stack.node({
      ...{ REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off', METRICS_PORT: '0' },
    });
  });
  after(async () => {
    former.close();
    await stack.close();
  });

  const conversation = async () => {
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(node.url, ann, bo);
    const socket = await stack.connections.open(node.url, ann);
    await call(socket, 'sync');
    return { conversationId, ann, bo, socket };
  };

  it('publishes for it too, from its first heartbeat until it has stopped', async () => {
    const { conversationId, socket } = await conversation();
    let sent = 0;
    /** Sends a message and returns whether it was also published as former nodes hear it, which happens first. */
    const isCopied = async () => {
      const clientId = `message-${(sent += 1)}`;
      await call(socket, 'message:send', { conversationId, clientId, text: 'Hello' });
      const on = (wanted: string) =>
        former.heard.some(
          ({ channel, message }) =>
            channel === wanted &&
            message.includes(conversationId) &&
            message.includes(`"${clientId}"`),
        );
      await until(() => on(ENTRIES));
      return on(ADAPTER);
    };
    await until(async () => !(await isCopied()));
    await former.beat();
    await until(isCopied);
    await until(async () => !(await isCopied()));
  });

  it('does not tell what has changed since a comparison while it runs, nor of that time', async () => {
    const { socket } = await conversation();
    const compare = async (input: object = {}) =>
      operations.sync.output.parse(await call(socket, 'sync', input));
    const tokenOf = async () => (await compare()).syncToken;
    await until(async () => (await tokenOf()) !== null);
    const since = await tokenOf();
    assert.notEqual((await compare({ since })).changes, null);
    await former.beat();
    await until(async () => (await compare({ since })).changes === null);
    assert.equal(await tokenOf(), null);
    await until(async () => (await tokenOf()) !== null);
    assert.equal((await compare({ since })).changes, null);
  });

  it('delivers at once what it has committed', async () => {
    const { bo, conversationId, socket } = await conversation();
    const arrives = heard(socket, 'entry', ({ senderId }) => senderId === bo.userId);
    // It is not in the log, so that no comparison finds it.
    const document = { _id: newId(), conversationId, seq: 2, senderId: bo.userId };
    await former.publish([{ ...document, clientId: 'one', at: 1, ...say('From before') }]);
    assert.equal((await arrives).seq, 2);
  });

  it('counts which events concern it', async () => {
    const other = await stack.node({ REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' });
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const conversationId = await stack.direct(other.url, ann, bo);
    const mine = await stack.connections.open(other.url, ann);
    await call(mine, 'sync');
    const skipped = () => metric(node.metricsUrl, 'parley_entry_events_total', 'result="skipped"');
    const decoded = () => metric(node.metricsUrl, 'parley_entry_events_total', 'result="decoded"');
    const before = await skipped();
    await call(mine, 'message:send', { conversationId, clientId: 'one', text: 'Hello' });
    await until(async () => (await skipped()) > before);

    const theirs = await stack.connections.open(node.url, bo);
    await call(theirs, 'sync');
    const decodedBefore = await decoded();
    const arrives = heard(theirs, 'entry');
    await call(mine, 'message:send', { conversationId, clientId: 'two', text: 'Hello again' });
    await arrives;
    await until(async () => (await decoded()) > decodedBefore);
  });
});
