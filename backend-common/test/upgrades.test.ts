import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

import { listenForWebSockets } from '@parley/backend-common';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly upgrade: string | undefined;
  readonly connection: string | undefined;
  body: string;
}

describe('a server that upgrades only to WebSocket', () => {
  let server: Server;
  const seen: Seen[] = [];
  let slow: (url: string) => Promise<unknown>;

  const handle = async (request: IncomingMessage): Promise<void> => {
    const { headers, method, url } = request;
    const { connection, upgrade } = headers;
    const one: Seen = { method, url, upgrade, connection, body: '' };
    seen.push(one);
    one.body = (await buffer(request)).toString();
    await slow(url ?? '');
  };

  beforeEach(async () => {
    seen.length = 0;
    slow = () => Promise.resolve();
    server = createServer((request, response) => {
      void handle(request).then(() => response.end(`${request.url ?? ''} done`));
    });
    listenForWebSockets(server, ({ request, socket }) => {
      socket.end(`HTTP/1.1 200 OK\r\n\r\n${request.url ?? ''} was handled; done`);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Sends bytes on one connection and reads until the answer has ended `answers` times with "done". */
  async function exchange(text: string, answers: number): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(text, 'latin1');
    let received = '';
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received += chunk.toString();
      if (received.split('done').length > answers) break;
    }
    return received;
  }

  const H2C =
    'Connection: Upgrade, HTTP2-Settings, Keep-Alive\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAA\r\n';

  it('passes on a request for a WebSocket', async () => {
    const received = await exchange(
      'GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
      1,
    );
    assert.match(received, /\/a was handled/);
    assert.deepEqual(seen, []);
  });

  it('answers another upgrade over HTTP/1.1, and the handler does not see the upgrade', async () => {
    const received = await exchange(`GET /a?b=c HTTP/1.1\r\nHost: x\r\n${H2C}\r\n`, 1);
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n[\s\S]*done/);
    assert.deepEqual(seen, [
      { method: 'GET', url: '/a?b=c', upgrade: undefined, connection: 'Keep-Alive', body: '' },
    ]);
  });

  it('answers the requests of one connection in order', async () => {
    const delays = [40, 0, 20, 0];
    // eslint-disable-next-line no-restricted-syntax -- Answers that take different times are what this test is about.
    slow = (url) => new Promise((resolve) => setTimeout(resolve, delays[Number(url.slice(1))]));
    const heads = delays.map(
      (_, index) =>
        `GET /${index} HTTP/1.1\r\nHost: x\r\n${index % 2 === 0 ? '' : H2C}X-Index: ${index}\r\n\r\n`,
    );
    const received = await exchange(heads.join(''), 4);
    assert.deepEqual(received.match(/\/\d(?= done)/g), ['/0', '/1', '/2', '/3']);
  });

  it('reads the body, with a length or in chunks', async () => {
    await exchange(`POST /a HTTP/1.1\r\nHost: x\r\n${H2C}Content-Length: 5\r\n\r\nhello`, 1);
    await exchange(
      `POST /b HTTP/1.1\r\nHost: x\r\n${H2C}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      1,
    );
    assert.deepEqual(
      seen.map(({ body, url }) => [url, body]),
      [
        ['/a', 'hello'],
        ['/b', 'hello'],
      ],
    );
  });

  it('keeps the connection even if each of many requests asks for an upgrade', async () => {
    const warned: Error[] = [];
    const listen = (warning: Error) => warned.push(warning);
    process.on('warning', listen);
    try {
      const one = `POST /a HTTP/1.1\r\nHost: x\r\n${H2C}Content-Length: 2\r\n\r\nhi`;
      await exchange(one.repeat(40), 40);
      assert.equal(seen.length, 40);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(warned, []);
    } finally {
      process.off('warning', listen);
    }
  });

  it('treats bytes after the body as the next request, as without an upgrade', async () => {
    const plain = 'GET /next HTTP/1.1\r\nHost: x\r\n\r\n';
    await exchange(`POST /a HTTP/1.1\r\nHost: x\r\n${H2C}Content-Length: 3\r\n\r\nabc${plain}`, 2);
    assert.deepEqual(
      seen.map(({ body, url }) => [url, body]),
      [
        ['/a', 'abc'],
        ['/next', ''],
      ],
    );
  });

  it('refuses a head with more fields than Node keeps, because its framing could be lost', async () => {
    const many = 'a:b\r\n'.repeat(1_100);
    const received = await exchange(
      `POST /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n${many}Content-Length: 3\r\n\r\nabc`,
      1,
    );
    assert.match(received, /^HTTP\/1\.1 431 /);
    assert.deepEqual(seen, []);
  });
});
