import assert from 'node:assert/strict';
import { once } from 'node:events';

import { StandIn } from './support/stand-in.ts';
import {
  AGREED,
  HANDSHAKE,
  agrees,
  handshake,
  noTunnelsOpen,
  onUpgrade,
  rawConnection,
  saidUntil,
} from './support/upgrading.ts';
import { WebUnderTest } from './support/web-under-test.ts';

describe('an upgrade', () => {
  let web: WebUnderTest;
  let second: StandIn;

  beforeEach(async () => {
    second = await new StandIn().start();
    web = await WebUnderTest.start({}, { upgradePatience: 1_000, headPatience: 1_000 }, [second]);
  });

  afterEach(async () => {
    await web.close();
    await second.stop();
  });

  const upgrade = (path = '/socket.io/?EIO=4&transport=websocket') =>
    web.request(path, { headers: HANDSHAKE });

  const open = () => rawConnection(web.port, handshake());

  it('goes to the next node when one is stopped', async () => {
    agrees(second, 'second');
    await web.messaging.stop();
    for (let count = 0; count < 3; count += 1) {
      assert.match(await saidUntil(await open(), 'second'), /^HTTP\/1\.1 101 .*second$/s);
    }
  });

  it('goes to the next node when one does not answer in time', async () => {
    onUpgrade(web.messaging, () => undefined);
    agrees(second, 'second');
    for (let count = 0; count < 3; count += 1) {
      assert.match(await saidUntil(await open(), 'second'), /second$/);
    }
    assert.match(
      await web.metrics(),
      /parley_web_upstream_failures_total\{upstream="messaging",.*\} 1/,
    );
  });

  it('makes one client wait for a frozen node, and no other until the node works again', async () => {
    let asked = 0;
    web.messaging.isFrozen = true;
    onUpgrade(web.messaging, () => void (asked += 1));
    agrees(second, 'by the second');
    const openedBy = async () => (await saidUntil(await open(), 'by the')).split(' ').at(-1);
    for (let count = 0; count < 10; count += 1) assert.equal(await openedBy(), 'second');
    assert.equal(asked, 1);
    web.messaging.isFrozen = false;
    agrees(web.messaging, 'by the first');
    while ((await openedBy()) !== 'first');
  });

  it('goes to the next node when one is about to stop', async () => {
    onUpgrade(web.messaging, (socket) => {
      socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
    });
    agrees(second, 'second');
    assert.match(await saidUntil(await open(), 'second'), /second$/);
  });

  it('is answered unavailable when no node answers', async () => {
    await Promise.all([web.messaging.stop(), second.stop()]);
    const answer = await upgrade();
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.headers['retry-after'], '1');
    assert.equal(answer.json()['code'], 'unavailable');
    assert.equal(answer.json()['instance'], answer.headers['x-request-id']);
    assert.match(await web.metrics(), /parley_web_upgrades_total\{outcome="unavailable",.*\} 1/);
  });

  it('succeeds again as soon as a node is back', async () => {
    await Promise.all([web.messaging.stop(), second.stop()]);
    assert.equal((await upgrade()).status, 503);
    agrees(second, 'second');
    await second.start();
    assert.match(await saidUntil(await open(), 'second'), /second$/);
  });

  for (const { path, status } of [
    { path: '/', status: 404 },
    { path: '/api/conversations', status: 404 },
    { path: '/bff/ticket', status: 404 },
    { path: '/socket.io', status: 404 },
    { path: '/socket.io/../readyz', status: 404 },
    { path: '/socket.io/%2e%2e/readyz', status: 404 },
    { path: '/socket.io/..%5creadyz', status: 404 },
    { path: '/socket.io/.%09./readyz', status: 404 },
  ]) {
    it(`is refused at ${path}`, async () => {
      const answer = await upgrade(path);
      assert.equal(answer.status, status);
      assert.equal(web.messaging.received.length + second.received.length, 0);
    });
  }

  it('by another method than GET is refused', async () => {
    const answer = await web.request('/socket.io/', { method: 'POST', headers: HANDSHAKE });
    assert.equal(answer.status, 400);
    assert.equal(web.messaging.received.length + second.received.length, 0);
  });

  it('is aborted when the client disconnects before a node accepts', async () => {
    let asked = (): void => undefined;
    const arrival = new Promise<void>((resolve) => (asked = resolve));
    const dropped = new Promise<void>((resolve) => {
      for (const node of [web.messaging, second]) {
        onUpgrade(node, (socket) => {
          socket.once('end', resolve);
          socket.resume();
          asked();
        });
      }
    });
    const client = await open();
    await arrival;
    client.resetAndDestroy();
    await dropped;
    const aborted = /parley_web_upgrades_total\{outcome="aborted",.*\} 1/;
    while (!aborted.test(await web.metrics()))
      await new Promise((resolve) => setImmediate(resolve));
  });

  it('goes to the next node when one breaks off in the middle of its answer', async () => {
    onUpgrade(web.messaging, (socket) => {
      socket.end('HTTP/1.1 101 Switching');
    });
    agrees(second, 'second');
    assert.match(await saidUntil(await open(), 'second'), /second$/);
  });

  it('carries bytes that both sides sent directly after their heads', async () => {
    const heard = new Promise<string>((resolve) => {
      onUpgrade(web.messaging, (socket, head) => {
        socket.write(`${AGREED}hello`);
        let text = head.toString();
        if (text === 'early') resolve(text);
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text === 'early') resolve(text);
        });
      });
    });
    const client = await rawConnection(web.port, `${handshake()}early`);
    assert.equal(await heard, 'early');
    assert.match(await saidUntil(client, 'hello'), /\r\n\r\nhello$/);
  });

  it('that is sent too slowly is ended', async () => {
    const client = await rawConnection(
      web.port,
      'GET /socket.io/ HTTP/1.1\r\nhost: x\r\nconnection: Upg',
    );
    const seen = await saidUntil(client, '408');
    assert.match(seen, /^HTTP\/1\.1 408 /);
  });
});

describe('a flood of broken connections', () => {
  it('leaves the service alive and nothing open', async () => {
    const web = await WebUnderTest.start();
    let upgrades = 0;
    try {
      onUpgrade(web.messaging, (socket) => {
        upgrades += 1;
        if (upgrades % 2 === 0) socket.destroy();
        else socket.write(AGREED);
      });
      const hostile = [
        handshake(),
        `${handshake()}\u0000\u0001`,
        'GET /socket.io/\u0001 HTTP/1.1\r\n\r\n',
        'POST /api/conversations HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
        'GET http://other.example/api/me HTTP/1.1\r\nhost: other.example\r\n\r\n',
        'CONNECT other.example:443 HTTP/1.1\r\nhost: other.example\r\n\r\n',
        '\u0016\u0003\u0001',
        `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      ];
      await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const socket = await rawConnection(web.port, hostile[index % hostile.length]!);
          if (index % 3 === 0) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
          socket.resetAndDestroy();
        }),
      );
      assert.equal((await web.request('/healthz')).status, 200);
      assert.ok(upgrades > 10);
      await noTunnelsOpen(web);
    } finally {
      await web.close();
    }
  });
});
