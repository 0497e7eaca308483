import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { closeServer, listen, type Limited, type ListenOptions } from '@parley/backend-common';

type Limits = NonNullable<ListenOptions['perAddress']>;

const ENDLESS = { perSecond: 1_000_000, burst: 1_000_000 };
const NEVER = { perSecond: 0.001, burst: 3 };

describe('the requests of an address', () => {
  const closing: (() => Promise<void>)[] = [];
  const sockets: Socket[] = [];

  /** A server that answers with the path of a request. Returns its port, and the paths in the order of service. */
  async function serve(given: Limits): Promise<{ port: number; served: string[] }> {
    const served: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      served.push(url);
      if (url !== '/never') response.end(url);
    });
    const perAddress = { rate: ENDLESS, ...given };
    const url = await listen(server, { host: '127.0.0.1', port: 0, perAddress });
    closing.push(() => closeServer(server, 0));
    return { port: Number(new URL(url).port), served };
  }

  async function open(port: number, localAddress = '127.0.0.2'): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  const head = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`;

  async function ask(port: number, given: object): Promise<number | undefined> {
    const asked = get({ port, host: '127.0.0.1', agent: false, ...given });
    asked.on('error', () => undefined);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const close of closing.splice(0)) await close();
  });

  it('wait if their address exceeds its rate, also on one connection, and those of others do not', async () => {
    const limited: Limited[] = [];
    const { port, served } = await serve({
      trustedProxies: [],
      requests: { rate: NEVER, onLimited: (outcome) => limited.push(outcome) },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress: '127.0.0.2' });
    for (const path of ['/1', '/2', '/3']) assert.equal(await ask(port, { agent, path }), 200);
    agent.destroy();
    limited.length = 0;
    const waiting = await open(port);
    waiting.write(head('/4'));
    assert.equal(await ask(port, { localAddress: '127.0.0.3', path: '/other' }), 200);
    while (limited.length === 0) await ask(port, { localAddress: '127.0.0.3', path: '/other' });
    assert.deepEqual(limited, ['delayed']);
    assert.equal(waiting.bytesRead, 0);
    assert.equal(served.includes('/4'), false);
  });

  it('are all served in their order, one turn after the other', async () => {
    const { port, served } = await serve({
      trustedProxies: [],
      requests: { rate: { perSecond: 100, burst: 1 } },
    });
    const asked: Socket[] = [];
    for (const path of ['/0', '/1', '/2', '/3']) {
      const socket = await open(port);
      socket.write(head(path));
      asked.push(socket);
      while (served.length === 0) await once(socket, 'data');
    }
    await Promise.all(asked.slice(1).map((socket) => once(socket, 'data')));
    assert.deepEqual(served, ['/0', '/1', '/2', '/3']);
  });

  it('are not served any more when their client has gone', async () => {
    const limited: Limited[] = [];
    const { port, served } = await serve({
      trustedProxies: [],
      requests: {
        rate: { perSecond: 5, burst: 1 },
        onLimited: (outcome) => limited.push(outcome),
      },
    });
    assert.equal(await ask(port, { localAddress: '127.0.0.2', path: '/0' }), 200);
    const gone = await open(port);
    gone.write(head('/gone'));
    while (limited.length === 0) await ask(port, { localAddress: '127.0.0.3', path: '/other' });
    gone.resetAndDestroy();
    assert.equal(await ask(port, { localAddress: '127.0.0.2', path: '/1' }), 200);
    assert.equal(served.includes('/gone'), false);
  });

  it('count by the client that a trusted proxy names, and the proxy itself is not limited', async () => {
    const { port, served } = await serve({
      trustedProxies: ['127.0.0.2'],
      requests: { rate: NEVER },
    });
    const from = (client: string) => ({ 'x-forwarded-for': client });
    const localAddress = '127.0.0.2';
    for (let count = 0; count < 3; count += 1) {
      const headers = from('203.0.113.1');
      assert.equal(await ask(port, { localAddress, headers }), 200);
    }
    const waiting = await open(port);
    waiting.write(head('/waits', 'x-forwarded-for: 203.0.113.1\r\n'));
    for (let count = 0; count < 10; count += 1) {
      assert.equal(await ask(port, { localAddress }), 200);
    }
    assert.equal(await ask(port, { localAddress, headers: from('203.0.113.2') }), 200);
    assert.equal(served.includes('/waits'), false);
  });

  it('may be a few before the first is answered, as pipelining allows', async () => {
    const { port } = await serve({ trustedProxies: [] });
    const socket = await open(port);
    socket.write(Array.from({ length: 10 }, (_, at) => head(`/${at}`)).join(''));
    let answers = '';
    socket.on('data', (data: Buffer) => (answers += data.toString()));
    while (!answers.includes('/9')) await once(socket, 'data');
    const bodies = answers.match(/\r\n\r\n\/\d/g)?.map((body) => body.slice(-2));
    assert.deepEqual(
      bodies,
      Array.from({ length: 10 }, (_, at) => `/${at}`),
    );
  });

  it('end the connection if hundreds come before the first is answered', async () => {
    const limited: Limited[] = [];
    const { port, served } = await serve({
      trustedProxies: [],
      rate: { perSecond: 100, burst: 100 },
      requests: { onLimited: (outcome) => limited.push(outcome) },
    });
    const socket = await open(port);
    const ended = once(socket, 'close');
    socket.resume();
    socket.write(head('/never') + head('/more').repeat(1_000));
    await ended;
    assert.deepEqual(
      limited.filter((outcome) => outcome === 'cut'),
      ['cut'],
    );
    assert.ok(served.length <= 16, `${served.length} were served`);
  });

  it('make the next connections of their address wait if their connection was cut', async () => {
    const connections: Limited[] = [];
    const { port, served } = await serve({
      trustedProxies: [],
      rate: { perSecond: 100, burst: 10 },
      onLimited: (outcome) => connections.push(outcome),
    });
    const socket = await open(port);
    const ended = once(socket, 'close');
    socket.resume();
    socket.write(head('/never').repeat(100));
    await ended;
    const from = performance.now();
    assert.equal(await ask(port, { localAddress: '127.0.0.3', path: '/other' }), 200);
    assert.equal(await ask(port, { localAddress: '127.0.0.2', path: '/again' }), 200);
    assert.ok(performance.now() - from > 500);
    assert.ok(served.includes('/again'));
    assert.deepEqual(connections, ['delayed']);
  });

  it('do not hold up a server that closes', async () => {
    const { port } = await serve({ trustedProxies: [], requests: { rate: NEVER } });
    for (let at = 0; at < 3; at += 1) await ask(port, { localAddress: '127.0.0.2' });
    const waiting = await open(port);
    waiting.write(head('/waits'));
    await ask(port, { localAddress: '127.0.0.3' });
    const closed = once(waiting, 'close');
    await closing.pop()?.();
    await closed;
  });
});
