import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { LinkFault } from './support/links/link-fault.ts';
import { Link } from './support/links/link.ts';
import { CommandReader, losePublishes } from './support/links/lost-publishes.ts';
import { Random } from './support/faults/random.ts';
import { waitUntil } from './support/faults/time.ts';

const WITHIN = 5_000;

describe('a link that tests can break', () => {
  let server: Server;
  let link: Link;
  const peers: Socket[] = [];
  const open: Socket[] = [];

  /** Opens a connection through the link. Returns both of its ends and what arrived at each. */
  async function opened() {
    const accepted = once(server, 'connection');
    const client = connect(link.port, '127.0.0.1');
    open.push(client);
    client.on('error', () => undefined);
    const [peer] = (await accepted) as [Socket];
    const got = { client: '', peer: '', isReset: false };
    client.on('data', (data) => (got.client += data.toString()));
    peer.on('data', (data) => (got.peer += data.toString()));
    client.once('close', (failed) => (got.isReset = failed));
    return { client, peer, got };
  }

  beforeEach(async () => {
    server = createServer((peer) => {
      peers.push(peer);
      peer.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    link = await Link.open({ target: (server.address() as AddressInfo).port });
  });

  afterEach(async () => {
    await link.close();
    for (const socket of [...open.splice(0), ...peers.splice(0)]) socket.destroy();
    server.close();
  });

  it('passes both directions and the end of each', async () => {
    const { client, got, peer } = await opened();
    client.write('ping');
    assert.ok(await waitUntil(() => got.peer === 'ping', WITHIN));
    peer.end('pong');
    await once(client, 'end');
    assert.equal(got.client, 'pong');
  });

  it('resets open and new connections while it is cut', async () => {
    const { client, got } = await opened();
    link.break({ cut: true });
    assert.ok(await waitUntil(() => got.isReset, WITHIN));
    const again = connect(link.port, '127.0.0.1');
    open.push(again, client);
    const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  });

  for (const [blackHole, passes] of [
    ['toServer', 'client'],
    ['toClient', 'peer'],
  ] as const) {
    it(`holds what goes ${blackHole} until the link is repaired, and passes the other direction`, async () => {
      const { client, got, peer } = await opened();
      link.break({ blackHole });
      client.write('a');
      peer.write('b');
      const held = passes === 'client' ? 'peer' : 'client';
      assert.ok(await waitUntil(() => got[passes] !== '', WITHIN));
      assert.equal(got[held], '');
      link.heal();
      assert.ok(await waitUntil(() => got[held] !== '', WITHIN));
    });
  }

  it('breaks only the selected connections', async () => {
    const [one, other] = [await opened(), await opened()];
    one.client.write('one');
    other.client.write('other');
    assert.ok(await waitUntil(() => one.got.peer !== '' && other.got.peer !== '', WITHIN));
    link.break({ cut: true, only: ({ beginning }) => beginning.startsWith('one') });
    assert.ok(await waitUntil(() => one.got.isReset, WITHIN));
    other.client.write('!');
    assert.ok(await waitUntil(() => other.got.peer === 'other!', WITHIN));
  });

  it('keeps the order of bytes when it is slow', async () => {
    const { client, got } = await opened();
    link.break({ latencyMs: 30, bytesPerSecond: 2_000 });
    const startedAt = performance.now();
    for (let count = 0; count < 10; count += 1) client.write(`${count}`.padEnd(10, '.'));
    assert.ok(await waitUntil(() => got.peer.length === 100, WITHIN));
    assert.ok(performance.now() - startedAt >= 29);
    assert.match(got.peer, /^0\.+1\.+2\.+3\.+4\.+5\.+6\.+7\.+8\.+9\.+$/);
  });
});

describe('a link that loses publishes', () => {
  const command = (...words: string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
  const all = [
    command('set', 'k', 'völlig\r\negal'),
    command('publish', 'room', 'hello'),
    command('PING'),
  ];

  it('finds the commands in chunks of any size', () => {
    const bytes = Buffer.from(all.join(''));
    for (let size = 1; size <= bytes.length; size += 1) {
      const reader = new CommandReader();
      const names: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        names.push(...reader.read(bytes.subarray(at, at + size)).map(({ name }) => name));
      }
      assert.deepEqual(names, ['SET', 'PUBLISH', 'PING']);
    }
  });

  it('publishes a lost message to a channel without subscribers, so that Redis answers it in order', () => {
    const passed = (fault: LinkFault) =>
      losePublishes(new Random(1).next)(() => fault)(Buffer.from(all.join(''))).toString();
    assert.equal(passed({}), all.join(''));
    const [set, , ping] = all;
    assert.equal(passed({ lostPublishes: 1 }), `${set}${command('PUBLISH', 'nobody', '')}${ping}`);
  });

  it('loses about the given share', () => {
    const rewrite = losePublishes(new Random(2).next)(() => ({ lostPublishes: 0.1 }));
    const publishes = Array.from({ length: 2_000 }, () => command('publish', 'room', 'x')).join('');
    const lost = rewrite(Buffer.from(publishes)).toString().split('nobody').length - 1;
    assert.ok(lost > 150 && lost < 250, String(lost));
  });
});
