import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Resources, listen } from '@parley/backend-common';
import { silentLogger } from '@parley/backend-common/testing';
import { createApp, readConfig } from '@parley/messaging';

import { ask, closed, eventOf, heard } from '../support/connections.ts';
import { request } from '../support/http.ts';
import { SECRET, TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** The status with which an upgrade is refused. */
async function statusOfUpgrade(url: string): Promise<number> {
  const headers = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
  };
  const asked = get(url, { headers, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

describe('a node that stops', () => {
  let stack: TestStack;
  before(async () => (stack = await TestStack.create()));
  after(() => stack.close());

  it('tells clients when to reconnect, and closes so that they do', async () => {
    const node = await stack.node();
    const people = await Promise.all(Array.from({ length: 5 }, () => stack.people.create()));
    const sockets = await Promise.all(
      people.map((person) => stack.connections.open(node.url, person, { reconnection: true })),
    );
    const notices = Promise.all(sockets.map((socket) => heard(socket, 'server:draining')));
    const ends = Promise.all(sockets.map(closed));
    await node.close();
    for (const { reconnectInMs } of await notices) {
      assert.ok(reconnectInMs >= 0 && reconnectInMs < 1_000);
    }
    assert.deepEqual(
      await ends,
      sockets.map(() => 'transport close'),
    );
    assert.ok(sockets.every(({ active }) => active));
  });

  it('answers operations in progress before it closes, and stored what it acknowledged', async () => {
    const node = await stack.node({ PARLEY_RATE_LIMITS: 'off' });
    const ann = await stack.people.create();
    const conversationId = await stack.group(node.url, [ann]);
    const socket = await stack.connections.open(node.url, ann);
    const answers = Array.from({ length: 200 }, (_, index) =>
      ask(socket, 'message:send', { conversationId, clientId: `c${index}`, text: 'Hello' }),
    );
    await answers[0];
    await node.close();
    const settled = await Promise.allSettled(answers);
    const stored = settled.filter((each) => each.status === 'fulfilled' && each.value.ok);
    const refused = settled.flatMap((each) =>
      each.status === 'fulfilled' && !each.value.ok ? [each.value.error.code] : [],
    );
    const count = await stack.mongo.db
      .collection('entries')
      .countDocuments({ conversationId, kind: 'message' });
    assert.ok(stored.length > 0);
    assert.equal(count, stored.length);
    assert.deepEqual(refused, []);
  });

  it('serves a socket until it closes it, and answers what it has accepted', async () => {
    const node = await stack.node();
    const ann = await stack.people.create();
    const conversationId = await stack.group(node.url, [ann]);
    const socket = await stack.connections.open(node.url, ann);
    const send = (clientId: string) =>
      ask(socket, 'message:send', { conversationId, clientId, text: 'Hello' });
    await stack.mongo.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['insert'], blockConnection: true, blockTimeMS: 600 },
    });
    const before = send('before');
    const isQueued = async () =>
      /^parley_log_queue_entries\{.*\} 1$/m.test(await (await fetch(node.metricsUrl)).text());
    await until(isQueued);
    const draining = heard(socket, 'server:draining');
    const end = closed(socket);
    const closing = node.close();
    await draining;
    const after = send('after');
    assert.deepEqual([(await before).ok, (await after).ok], [true, true]);
    assert.equal(await end, 'transport close');
    await closing;
  });

  it('closes a socket that never pauses, after the answers to what it has accepted', async () => {
    const node = await stack.node({ PARLEY_RATE_LIMITS: 'off' });
    const ann = await stack.people.create();
    const conversationId = await stack.group(node.url, [ann]);
    const socket = await stack.connections.open(node.url, ann);
    const codes = new Set<string>();
    let isOpen = true;
    const end = closed(socket).then(() => (isOpen = false));
    const lane = async (name: number) => {
      for (let index = 0; isOpen; index += 1) {
        const input = { conversationId, clientId: `c${name}-${index}`, text: 'Hello' };
        const answer = await Promise.race([ask(socket, 'message:send', input), end]);
        if (typeof answer === 'object' && !answer.ok) codes.add(answer.error.code);
      }
    };
    const lanes = Array.from({ length: 8 }, (_, name) => lane(name).catch(() => undefined));
    await node.close();
    await Promise.all(lanes);
    assert.deepEqual([...codes], []);
  });

  it('answers 503 to new connections, so that a proxy asks another node', async () => {
    const logger = silentLogger();
    const resources = new Resources(logger);
    const env = { MONGODB_URI: stack.mongo.uri, PARLEY_SECRET: SECRET, PARLEY_LONG_POLLING: 'on' };
    const config = readConfig(env);
    const app = await createApp({ config, logger, resources, overrides: {} });
    const url = await listen(app.server, config);
    await app.drain();
    const answers = await Promise.all([
      request(`${url}/socket.io/?EIO=4&transport=polling`),
      request(`${url}/socket.io/?EIO=4&transport=polling&sid=of-another-node`),
      statusOfUpgrade(`${url}/socket.io/?EIO=4&transport=websocket`),
    ]);
    assert.deepEqual(
      answers.map((answer) => (typeof answer === 'number' ? answer : answer.status)),
      [503, 503, 503],
    );
    app.server.close();
    await resources.close();
  });

  it('is alive but not ready, and refuses new clients so that they retry', async () => {
    const logger = silentLogger();
    const resources = new Resources(logger);
    const config = readConfig({ MONGODB_URI: stack.mongo.uri, PARLEY_SECRET: SECRET });
    const app = await createApp({ config, logger, resources, overrides: {} });
    const url = await listen(app.server, config);
    assert.equal((await request(`${url}/readyz`)).status, 200);
    await app.drain();

    const answer = await request(`${url}/readyz`);
    assert.equal(answer.status, 503);
    assert.equal((answer.body as { code: string }).code, 'unavailable');
    assert.equal((await request(`${url}/healthz`)).status, 200);
    const ann = await stack.people.create();
    const socket = stack.connections.prepare(
      url,
      { token: ann.token },
      { reconnection: true, reconnectionDelay: 10 },
    );
    const attempt = eventOf(socket.io, 'reconnect_attempt');
    const error = (await eventOf(socket, 'connect_error')) as Error;
    assert.equal(error.message, 'websocket error');
    assert.equal(await attempt, 1);
    socket.disconnect();
    app.server.close();
    await resources.close();
  });

  it('does not wait for clients that poll', async () => {
    const node = await stack.node({ PARLEY_LONG_POLLING: 'on' });
    const people = await Promise.all(Array.from({ length: 10 }, () => stack.people.create()));
    const transports = ['polling'];
    const sockets = await Promise.all(
      people.map((person) => stack.connections.open(node.url, person, { transports })),
    );
    const ends = Promise.all(sockets.map(closed));
    await node.close();
    for (const reason of await ends) assert.match(reason, /^transport/);
  });

  it('does not wait for clients that do not answer', async () => {
    const node = await stack.node();
    const ann = await stack.people.create();
    const socket = await stack.connections.open(node.url, ann);
    const engine = socket.io.engine as unknown as {
      transport: { ws: { _socket: { pause(): void; destroy(): void } } };
    };
    engine.transport.ws._socket.pause();
    const startedAt = performance.now();
    await node.close();
    assert.ok(performance.now() - startedAt < 5_000);
    engine.transport.ws._socket.destroy();
  });
});
