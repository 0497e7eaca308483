import assert from 'node:assert/strict';
import { testRedisUrl } from '@parley/backend-common/testing';
import { MINUTE } from '@parley/common';
import type { Entry } from '@parley/common/contract';
import type { Socket } from 'socket.io-client';

import { pageSender } from '../../../src/transport/rooms/page-sender.ts';
import { ALL_TUNING, NO_TUNING, type TuningOptions } from '../../../src/transport/tuning/tuning.ts';
import { call, closed, eventOf, heard } from '../../support/connections.ts';
import { BareSocketServer } from '../../support/socket-server.ts';
import { TestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

const conversationId = 'c1';
const entry = (seq: number): Entry => ({
  ...{ id: `m${seq}`, conversationId, seq, kind: 'message', senderId: 'u', clientId: `k${seq}` },
  ...{ text: 'Grüße, "Ann" \u2028 🦊', attachment: null, replyTo: null, at: 1 },
  ...{ editedAt: null, deleted: false },
});

/** Everything that the tunings touch, once: the frames of two clients. */
async function framesWith(options: TuningOptions): Promise<string[][]> {
  const server = await BareSocketServer.start(options);
  const [ann, bo, cleo] = [await server.connect(), await server.connect(), await server.connect()];
  const { broadcastEntry, receiveEvents } = server.tuning;
  const receivers = [ann, bo, cleo].map(({ socket }) => socket);
  const received: unknown[] = [];
  receiveEvents(ann.socket, (event, acknowledge) => {
    received.push(...event);
    if (acknowledge === undefined) return;
    const sent = entry(2);
    broadcastEntry(server.io, sent, receivers.slice(1));
    acknowledge({ ok: true, data: sent });
  });
  ann.client.emit('typing', { typing: true }, 2);
  ann.client.emit('empty');
  const answered = new Promise<void>((resolve) => {
    ann.client.emit('message:send', { text: 'é' }, () => resolve());
  });
  await answered;
  assert.deepEqual(received, [
    'typing',
    { typing: true },
    2,
    'empty',
    'message:send',
    { text: 'é' },
  ]);
  broadcastEntry(server.io, entry(3), receivers);
  broadcastEntry(server.io, entry(4), [bo.socket]);
  bo.socket.emit('typing', { conversationId, userId: 'u', typing: true, expiresInMs: 1 });
  bo.client.on('sync:page', (_page, acknowledge: () => void) => acknowledge());
  const entries = JSON.stringify([entry(2), entry(3)]);
  const pages = pageSender(server.io, server.tuning);
  await pages.send(bo.socket, { conversationId, entries, hasMore: false }, MINUTE);
  const done = eventOf(bo.client, 'sync:done');
  pages.done(bo.socket);
  await done;
  await server.close();
  return [ann.frames, bo.frames, cleo.frames];
}

describe('the frames of a server', () => {
  const names = Object.keys(ALL_TUNING) as (keyof TuningOptions)[];
  let plain: string[][];
  before(async () => (plain = await framesWith(NO_TUNING)));

  it('are those of Socket.IO alone when everything is switched off', () => {
    const [ann = [], bo = [], cleo = []] = plain;
    const event = (seq: number) => `2${JSON.stringify(['entry', entry(seq)])}`;
    assert.deepEqual(ann, [`30${JSON.stringify([{ ok: true, data: entry(2) }])}`, event(3)]);
    const typing = { conversationId, userId: 'u', typing: true, expiresInMs: 1 };
    const page = { conversationId, entries: [entry(2), entry(3)], hasMore: false };
    assert.deepEqual(bo, [
      ...[event(2), event(3), event(4), `2${JSON.stringify(['typing', typing])}`],
      ...[`20${JSON.stringify(['sync:page', page])}`, '2["sync:done",{}]'],
    ]);
    assert.deepEqual(cleo, [event(2), event(3)]);
  });

  it('are the same with every tuning', async () => {
    assert.deepEqual(await framesWith(ALL_TUNING), plain);
  });

  for (const name of names) {
    it(`are the same with ${name} alone, and with everything but ${name}`, async () => {
      assert.deepEqual(await framesWith({ ...NO_TUNING, [name]: true }), plain);
      assert.deepEqual(await framesWith({ ...ALL_TUNING, [name]: false }), plain);
    });
  }
});

describe('a node without tuning beside a tuned one', () => {
  let stack: TestStack;
  before(async () => (stack = await TestStack.create()));
  after(() => stack.close());

  /** Frames of a socket from now on, without the pings of Engine.IO. */
  const framesOf = (socket: Socket): string[] => {
    const frames: string[] = [];
    const listen = () =>
      socket.io.engine.on('data', (frame: unknown) => void frames.push(String(frame)));
    socket.io.once('open', listen);
    return frames;
  };

  it('sends the same frames to the same user, live and replayed', async () => {
    const env = { REDIS_URL: testRedisUrl(), PARLEY_RATE_LIMITS: 'off' };
    const tuned = await stack.node(env);
    const plain = await stack.node(env, { tuning: NO_TUNING });
    const [ann, bo] = [await stack.people.create(), await stack.people.create()];
    const id = await stack.direct(tuned.url, ann, bo);
    const writer = await stack.connections.open(plain.url, ann);
    await call(writer, 'sync');
    const send = (clientId: string) =>
      call(writer, 'message:send', { conversationId: id, clientId, text: 'Grüße 🦊' });
    await send('before');

    // A session of its own for each: sockets of one session share a cursor, so one may replay less than the other.
    const laptop = await stack.people.logIn(bo.userId);
    const sockets = [
      stack.connections.prepare(tuned.url, { token: bo.token }),
      stack.connections.prepare(plain.url, { token: laptop.token }),
    ];
    const [atTuned = [], atPlain = []] = sockets.map(framesOf);
    const pages = sockets.map(
      (socket) =>
        new Promise<() => void>((resolve) => {
          socket.on('sync:page', (_page, acknowledge: () => void) => resolve(acknowledge));
        }),
    );
    const done = Promise.all(sockets.map((socket) => heard(socket, 'sync:done')));
    // An acknowledgement raises the marks of the user, at which the replay of a new session begins: both come first.
    for (const acknowledge of await Promise.all(pages)) acknowledge();
    await done;
    const arrive = Promise.all(sockets.map((socket) => heard(socket, 'entry')));
    await send('live');
    await arrive;
    const seen = (frames: string[]) =>
      frames.filter((frame) => /"(entry|sync:page|sync:done)"/.test(frame)).map(withoutAckId);
    await until(() => seen(atTuned).length === seen(atPlain).length);
    assert.equal(seen(atTuned).length, 3);
    assert.deepEqual(seen(atPlain), seen(atTuned));

    const end = closed(writer);
    await plain.close();
    assert.match(await end, /^transport/);
  });
});

/** Acknowledgements are numbered by the server, over everything that it has sent. */
function withoutAckId(frame: string): string {
  return frame.replace(/^(2)\d+/, '$1');
}
