import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { nextTick } from 'node:process';
import { closeServer, listen, type Limited, type ListenOptions } from '@parley/backend-common';

type Given = Omit<ListenOptions, 'host' | 'port'>;

/** The connections of each process of this system, as Linux lists them. */
const CONNECTIONS = '/proc/net/tcp';
const ESTABLISHED = '01';

/** Connections to a port that the kernel has established, whether or not they were accepted. */
function establishedTo(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync(CONNECTIONS, 'utf8').split('\n');
  return rows.filter((row) => {
    const [, address, , state] = row.trim().split(/\s+/);
    return state === ESTABLISHED && address?.endsWith(local) === true;
  }).length;
}

describe('a server that listens', () => {
  const closing: (() => Promise<void>)[] = [];
  const sockets: Socket[] = [];

  async function serve(
    given: Given,
    onRequest: (request: IncomingMessage) => void = () => undefined,
  ): Promise<number> {
    const server = createServer((request, response) => {
      onRequest(request);
      if (request.url === '/large') response.end(Buffer.alloc(64 * 1024 * 1024));
      else response.end('served');
    });
    const url = await listen(server, { host: '127.0.0.1', port: 0, ...given });
    closing.push(() => closeServer(server, 0));
    return Number(new URL(url).port);
  }

  async function open(port: number, localAddress: string): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function ask(port: number, localAddress: string, path = '/'): Promise<Socket> {
    const socket = await open(port, localAddress);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    return socket;
  }

  const isServed = async (port: number, localAddress: string) => {
    const asked = get({ port, host: '127.0.0.1', localAddress, agent: false });
    const outcome = await Promise.race([once(asked, 'response'), once(asked, 'error')]).catch(
      (error: unknown) => [error],
    );
    const [answer] = outcome as [IncomingMessage | Error];
    if (answer instanceof Error) return false;
    answer.resume();
    return true;
  };

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const close of closing.splice(0)) await close();
  });

  it('cuts connections beyond the limit of their address, and takes new ones when others have closed', async () => {
    const port = await serve({ perAddress: { trustedProxies: [], most: 5 } });
    const idle = [];
    for (let count = 0; count < 5; count += 1) idle.push(await open(port, '127.0.0.2'));
    assert.equal(await isServed(port, '127.0.0.2'), false);
    assert.equal(await isServed(port, '127.0.0.3'), true, 'another address has its own limit');
    idle[0]!.destroy();
    while (!(await isServed(port, '127.0.0.2')));
  });

  it('lets connections that one address opens too fast wait, and takes those of others', async () => {
    const limited: Limited[] = [];
    const rate = { perSecond: 0.001, burst: 3 };
    const port = await serve({
      perAddress: { trustedProxies: [], rate, onLimited: (outcome) => limited.push(outcome) },
    });
    for (let count = 0; count < 3; count += 1)
      assert.equal(await isServed(port, '127.0.0.2'), true);
    // Two are served in a turn, so the third may have waited.
    limited.length = 0;
    const waiting = [await ask(port, '127.0.0.2'), await ask(port, '127.0.0.2')];
    assert.equal(await isServed(port, '127.0.0.3'), true);
    assert.deepEqual(limited, ['delayed', 'delayed']);
    assert.deepEqual(
      waiting.map(({ bytesRead, destroyed }) => ({ bytesRead, destroyed })),
      [
        { bytesRead: 0, destroyed: false },
        { bytesRead: 0, destroyed: false },
      ],
    );
  });

  it('serves the connections that wait one after the other, and passes over those that have gone', async () => {
    const order: string[] = [];
    const rate = { perSecond: 20, burst: 1 };
    const port = await serve({ perAddress: { trustedProxies: [], rate } }, ({ url }) =>
      order.push(url ?? ''),
    );
    const asked: Socket[] = [];
    for (let at = 0; at < 5; at += 1) asked.push(await ask(port, '127.0.0.2', `/${at}`));
    asked[2]!.resetAndDestroy();
    await Promise.all([0, 1, 3, 4].map((at) => once(asked[at]!, 'data')));
    assert.deepEqual(order, ['/0', '/1', '/3', '/4']);
  });

  it('serves few of them at a time when the process was busy, so that other work comes in between', async () => {
    let accepted = 0;
    let turns = 0;
    const served: number[] = [];
    const rate = { perSecond: 40, burst: 5 };
    const server = createServer();
    server.on('connection', () => served.push(turns));
    const perAddress = { trustedProxies: [], rate };
    const url = await listen(server, { host: '127.0.0.1', port: 0, perAddress });
    server.on('connection', () => (accepted += 1));
    closing.push(() => closeServer(server, 0));
    for (let at = 0; at < 15; at += 1) await open(Number(new URL(url).port), '127.0.0.2');
    const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
    while (accepted < 15) await nextTurn();
    // Long enough for five of them by their rate.
    const busyFrom = performance.now();
    while (performance.now() - busyFrom < 500);
    for (turns = 1; served.length < 15; turns += 1) await nextTurn();
    const inTurn = new Map<number, number>();
    for (const turn of served) inTurn.set(turn, (inTurn.get(turn) ?? 0) + 1);
    inTurn.delete(0);
    assert.ok(Math.max(...inTurn.values()) <= 2, served.join(' '));
  });

  it('bounds what a flood of connections makes the server parse', async () => {
    let parsed = 0;
    const rate = { perSecond: 1, burst: 10 };
    const port = await serve({ perAddress: { trustedProxies: [], rate, most: 100 } }, ({ url }) => {
      if (url === '/flood') parsed += 1;
    });
    let attempts = 0;
    const from = performance.now();
    const flood = async () => {
      for (; attempts < 2_000; attempts += 1) {
        const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.write('GET /flood HTTP/1.1\r\nhost: x\r\n\r\n');
        // Those beyond the limit are cut, and the others hold their place.
        await once(socket, 'connect').catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: 20 }, flood));
    assert.equal(await isServed(port, '127.0.0.3'), true);
    const seconds = (performance.now() - from) / 1_000;
    assert.ok(parsed >= 10 && parsed <= 10 + Math.ceil(seconds), `${parsed} in ${seconds} s`);
  });

  it('serves a whole crowd of one address that connects at once', async () => {
    const rate = { perSecond: 2_000, burst: 100 };
    const port = await serve({ perAddress: { trustedProxies: [], rate } });
    const served = await Promise.all(
      Array.from({ length: 1_000 }, () => isServed(port, '127.0.0.2')),
    );
    assert.deepEqual([...new Set(served)], [true]);
  });

  it('cuts the connections that wait when it closes', async () => {
    const rate = { perSecond: 0.001, burst: 1 };
    const port = await serve({ perAddress: { trustedProxies: [], rate } });
    assert.equal(await isServed(port, '127.0.0.2'), true);
    const waiting = await ask(port, '127.0.0.2');
    // The server reads what it does not parse yet.
    assert.equal(await isServed(port, '127.0.0.3'), true);
    const closed = once(waiting, 'close');
    await closing.pop()?.();
    await closed;
  });

  it('does not limit the connections of a trusted proxy', async () => {
    const rate = { perSecond: 0.001, burst: 1 };
    const port = await serve({ perAddress: { trustedProxies: ['127.0.0.0/8'], most: 1, rate } });
    for (let count = 0; count < 5; count += 1) await open(port, '127.0.0.2');
    assert.equal(await isServed(port, '127.0.0.2'), true);
  });

  it('cuts a client that reads nothing of its answer', async () => {
    const port = await serve({ silence: 100 });
    const socket = await open(port, '127.0.0.2');
    socket.pause();
    socket.write('GET /large HTTP/1.1\r\nhost: x\r\n\r\n');
    // The cut arrives behind the bytes that the kernel holds, so it is seen when writing.
    const wasCut = once(socket, 'error');
    const writing = setInterval(() => socket.write('x'), 20);
    await wasCut;
    clearInterval(writing);
  });

  it('establishes a thousand connections before it has accepted the first', async function () {
    if (!existsSync(CONNECTIONS)) this.skip();
    const port = await serve({});
    for (let count = 0; count < 1_000; count += 1) {
      sockets.push(connect({ port, host: '127.0.0.1' }).on('error', () => undefined));
    }
    // The sockets connect in the next tick; the server accepts none before this turn of the event loop ends.
    await new Promise<void>((resolve) => nextTick(resolve));
    // The kernel repeats what it has lost after 1, 3, 7 and 15 s.
    const deadline = performance.now() + 40_000;
    while (establishedTo(port) < 1_000 && performance.now() < deadline);
    assert.equal(establishedTo(port), 1_000);
  });
});
