import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Metrics,
  PeriodicMetrics,
  ServiceTokens,
  bearerToken,
  connectRedis,
  waitForRedis,
  type SessionRecord,
} from '@parley/backend-common';
import { silentLogger, testRedisUrl } from '@parley/backend-common/testing';
import { DAY, MINUTE } from '@parley/common';
import { Emitter } from '@socket.io/redis-emitter';

import { AuthClient } from '../../src/transport/sessions/auth-client.ts';
import { SessionCloser } from '../../src/transport/sessions/session-closer.ts';
import { SessionRefresher } from '../../src/transport/sessions/session-refresher.ts';
import { SocketRegistry } from '../../src/transport/server/socket-registry.ts';
import { call, closed, heard } from '../support/connections.ts';
import { fakeSocket } from '../support/fake-socket.ts';
import { metric, request } from '../support/http.ts';
import { sendRaw } from '../support/raw-packets.ts';
import { SECRET, TestStack } from '../support/stack.ts';

describe('a session that is ended', () => {
  let stack: TestStack;
  before(async () => (stack = await TestStack.create()));
  after(() => stack.close());

  it('loses its sockets within seconds, without Redis, and the others stay', async () => {
    const { url } = await stack.node();
    const phone = await stack.people.create();
    const laptop = await stack.people.logIn(phone.userId);
    const ending = await stack.connections.open(url, phone, { reconnection: true });
    const staying = await stack.connections.open(url, laptop);

    const notice = heard(ending, 'session:closed');
    const end = closed(ending);
    await stack.people.revoke(phone);
    assert.deepEqual(await notice, { code: 'session_expired', reconnect: false });
    assert.equal(await end, 'io server disconnect');
    assert.equal(ending.active, false);
    const { heads } = (await call(staying, 'sync')) as { heads: unknown };
    assert.deepEqual(heads, []);

    const { message } = await stack.connections.refused(url, { token: phone.token });
    assert.equal(message, 'session_expired');
    assert.equal((await request(`${url}/conversations`, { as: phone })).status, 401);
  });

  it('loses its sockets on every node at once when the auth service publishes it through Redis', async () => {
    const REDIS_URL = testRedisUrl();
    const nodes = [await stack.node({ REDIS_URL }), await stack.node({ REDIS_URL })];
    const ann = await stack.people.create();
    const sockets = await Promise.all(nodes.map(({ url }) => stack.connections.open(url, ann)));
    const redis = connectRedis({ url: REDIS_URL, name: 'test', logger: silentLogger() });
    await waitForRedis(redis);

    // The database says nothing, so it can only have come through Redis.
    const ends = sockets.map(closed);
    new Emitter(redis).serverSideEmit('session:revoked', [ann.sessionId]);
    assert.deepEqual(await Promise.all(ends), ['io server disconnect', 'io server disconnect']);

    // So a handshake that found the session good before it was ended comes too late.
    const late = stack.connections.prepare(nodes[0]!.url, { token: ann.token });
    const notice = heard(late, 'session:closed');
    const end = closed(late);
    assert.deepEqual(await notice, { code: 'session_expired', reconnect: false });
    assert.equal(await end, 'io server disconnect');
    redis.disconnect();
  });

  it('leaves no connection without a socket behind, which would not end with the session', async () => {
    const { url } = await stack.node();
    const ann = await stack.people.create();
    // Forms of the packet by which a client leaves a namespace and keeps its connection.
    for (const packet of ['1', '1/', '1/,', '1[]', '1/other,']) {
      const leaving = await stack.connections.open(url, ann);
      const end = closed(leaving);
      sendRaw(leaving, packet);
      assert.match(await end, /^transport/, packet);
    }
  });

  it('survives malformed messages of other nodes', async () => {
    const REDIS_URL = testRedisUrl();
    const { metricsUrl, url } = await stack.node({ REDIS_URL });
    const ann = await stack.people.create();
    const socket = await stack.connections.open(url, ann);
    const redis = connectRedis({ url: REDIS_URL, name: 'test', logger: silentLogger() });
    await waitForRedis(redis);
    const emitter = new Emitter(redis);
    for (const nonsense of [null, 7, { length: 3 }, [null], [{ seq: 'x' }]]) {
      for (const name of ['session:revoked', 'entries', 'presence:changed']) {
        emitter.serverSideEmit(name, nonsense);
      }
    }
    await redis.publish('socket.io#/#', 'no packet');
    await redis.publish('socket.io-request#/#', '{"type":6,"data":7}');
    const end = closed(socket);
    emitter.serverSideEmit('session:revoked', [ann.sessionId]);
    assert.equal(await end, 'io server disconnect');
    const faults = await Promise.all(
      [
        'revocation_event_unreadable',
        'entries_event_unreadable',
        'presence_event_unreadable',
        'cluster_message_unreadable',
      ].map((fault) => metric(metricsUrl, 'parley_faults_total', fault)),
    );
    assert.ok(faults.every((count) => count > 0));
    redis.disconnect();
  });
});

describe('sessions with open sockets', () => {
  const now = 1_000_000 * MINUTE;
  let sessions: Map<string, SessionRecord>;
  let sockets: SocketRegistry;
  let touched: string[][];
  let keeper: SessionRefresher;

  const open = (sessionId: string, expiresAt: number) => {
    const socket = fakeSocket({ userId: `user of ${sessionId}`, sessionId, expiresAt });
    sockets.add(socket.asClientSocket());
    return socket;
  };

  before(() => {
    sessions = new Map();
    sockets = new SocketRegistry();
    touched = [];
    const logger = silentLogger();
    const verifier = { forget: () => undefined };
    keeper = new SessionRefresher({
      sockets,
      sessions: { byId: (id) => Promise.resolve(sessions.get(id) ?? null) },
      closer: new SessionCloser({ sockets, verifier, now: () => now, logger }),
      touch: (ids) => Promise.resolve(void touched.push([...ids])),
      now: () => now,
      metrics: new PeriodicMetrics(new Metrics('test')),
      logger,
    });
  });
  afterEach(() => {
    for (const socket of sockets.all()) sockets.remove(socket);
  });

  it('are closed when they expire, and stay open when they were prolonged', async () => {
    const over = open('over', now);
    const prolonged = open('prolonged', now - 1);
    const fresh = open('fresh', now + DAY);
    const record = { userId: 'u', revokedAt: null };
    sessions.set('over', { id: 'over', expiresAt: now, ...record });
    sessions.set('prolonged', { id: 'prolonged', expiresAt: now + DAY, ...record });
    sessions.set('fresh', { id: 'fresh', expiresAt: now + DAY, ...record });
    await keeper.closeExpired();
    assert.deepEqual(over.emitted, [
      ['session:closed', { code: 'session_expired', reconnect: false }],
    ]);
    assert.equal(over.disconnected, true);
    assert.equal(prolonged.disconnected, false);
    assert.equal(prolonged.data.caller.expiresAt, now + DAY);
    assert.equal(fresh.disconnected, false);
  });

  it('are closed within a minute if the document of their session was deleted', async () => {
    const record = { userId: 'u', revokedAt: null, expiresAt: now + DAY };
    const all = Array.from({ length: 130 }, (_, index) => `session ${index}`);
    const opened = new Map(all.map((id) => [id, open(id, now + DAY)]));
    for (const id of all) sessions.set(id, { id, ...record });
    const revoked = all.slice(5, 7);
    for (const id of all.slice(0, 5)) sessions.delete(id);
    for (const id of revoked) sessions.set(id, { id, ...record, revokedAt: now });
    // What is left of the round before comes first.
    for (let run = 0; run < 2 * 60; run += 1) await keeper.closeExpired();
    for (const [id, socket] of opened) {
      assert.equal(socket.disconnected, all.indexOf(id) < 7, id);
    }
  });

  it('are reported to the auth service, at most 500 a call', async () => {
    for (let index = 0; index < 501; index += 1) open(`session ${index}`, now + DAY);
    await keeper.touchAll();
    assert.deepEqual(
      touched.map((ids) => ids.length),
      [500, 1],
    );
    assert.equal(new Set(touched.flat()).size, 501);
  });
});

describe('the report to the auth service', () => {
  it('carries a token that only that service accepts, and rejects when it is refused', async () => {
    const heardRequests: { url: string | undefined; token: string | undefined; body: string }[] =
      [];
    let status = 204;
    const server = createServer((incoming: IncomingMessage, outgoing) => {
      let body = '';
      incoming.on('data', (part: Buffer) => (body += part.toString()));
      incoming.on('end', () => {
        const token = bearerToken(incoming.headers.authorization ?? '');
        heardRequests.push({ url: incoming.url, token, body });
        outgoing.writeHead(status).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tokens = new ServiceTokens({ secret: SECRET, now: Date.now });
    const client = new AuthClient({ url: `http://127.0.0.1:${port}`, tokens });

    await client.touch(['a', 'b']);
    const [first] = heardRequests;
    assert.equal(first?.url, '/internal/sessions/touch');
    assert.deepEqual(JSON.parse(first.body), { sessionIds: ['a', 'b'] });
    await tokens.verify(first.token ?? '', { audience: 'auth', kind: 'internal' });
    await assert.rejects(
      tokens.verify(first.token ?? '', { audience: 'messaging', kind: 'internal' }),
    );

    status = 401;
    await assert.rejects(client.touch(['a']), /401/);
    server.close();
    await once(server, 'close');
  });
});
