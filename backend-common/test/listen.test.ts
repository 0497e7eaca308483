import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { nextTick } from 'node:process';
import { closeServer, listen, type ListenOptions } from '@parley/backend-common';

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

  async function serve(given: Given): Promise<number> {
    const server = createServer((request, response) => {
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

  it('closes connections that one address opens too fast, and takes those of others', async () => {
    const rate = { perSecond: 0.001, burst: 3 };
    const port = await serve({ perAddress: { trustedProxies: [], rate } });
    const served = [];
    for (let count = 0; count < 5; count += 1) served.push(await isServed(port, '127.0.0.2'));
    assert.deepEqual(served, [true, true, true, false, false]);
    assert.equal(await isServed(port, '127.0.0.3'), true);
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
    const deadline = performance.now() + 10_000;
    while (establishedTo(port) < 1_000 && performance.now() < deadline);
    assert.equal(establishedTo(port), 1_000);
  });
});
