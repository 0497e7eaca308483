import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import { io, type Socket as Client } from 'socket.io-client';

import { HANDSHAKE, noTunnelsOpen, openTunnels } from './support/upgrading.ts';
import { WebUnderTest } from './support/web-under-test.ts';

/** The first argument of the next event of a name. */
function heard(
  from: { once(event: string, listener: (argument: unknown) => void): unknown },
  event: string,
): Promise<unknown> {
  return new Promise((resolve) => from.once(event, resolve));
}

describe('WebSockets through the one origin', () => {
  let web: WebUnderTest;
  let sockets: Server;
  const clients: Client[] = [];

  beforeEach(async () => {
    web = await WebUnderTest.start({ PARLEY_ORIGINS: 'https://friend.example' });
    sockets = new Server(web.messaging.server, {
      transports: ['websocket'],
      maxHttpBufferSize: 128 * 1024,
      allowRequest: (request, decide) => {
        decide(null, request.headers.origin !== 'https://evil.example');
      },
    });
    sockets.use((socket, next) => {
      const token = String(socket.handshake.auth['token']);
      web.tokens.verify(token, { audience: 'messaging', kind: 'ticket' }).then(
        (claims) => {
          socket.data = claims;
          next();
        },
        (error: unknown) => next(error as Error),
      );
    });
    sockets.on('connection', (socket) => {
      socket.on('echo', (value: unknown, ack: (value: unknown) => void) => ack(value));
      socket.emit('ready', socket.data);
    });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await sockets.close();
    await web.close();
  });

  const open = (token: string, headers: Record<string, string> = {}): Client => {
    const client = io(web.url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token },
      extraHeaders: headers,
    });
    clients.push(client);
    return client;
  };

  const ticket = async () => {
    const session = await web.session();
    const headers = { cookie: session.cookie };
    const answer = await web.requestAsPage('/bff/ticket', { method: 'POST', headers });
    return { session, token: String(answer.json()['ticket']) };
  };

  it('open with a ticket and carry events and acknowledgements both ways', async () => {
    const { session, token } = await ticket();
    const client = open(token);
    const ready = (await heard(client, 'ready')) as { sessionId: string };
    assert.equal(ready.sessionId, session.id);
    const large = 'é'.repeat(20_000);
    assert.equal(await client.emitWithAck('echo', large), large);
    const echoed = await Promise.all(
      Array.from({ length: 200 }, (_, index) => client.emitWithAck('echo', index)),
    );
    assert.deepEqual(
      echoed,
      Array.from({ length: 200 }, (_, index) => index),
    );
  });

  it('get the reason from messaging when the token is wrong', async () => {
    const { session } = await ticket();
    const client = open(session.token.slice(1));
    const error = (await heard(client, 'connect_error')) as Error;
    assert.equal(error.message, 'The token is not valid');
  });

  it('reach messaging with Host, Origin and the verified address, without cookies', async () => {
    const asked = new Promise<IncomingMessage>((resolve) => {
      sockets.engine.opts.allowRequest = (request, decide) => {
        resolve(request);
        decide(null, true);
      };
    });
    const { token } = await ticket();
    const client = open(token, {
      host: 'chat.example.org',
      origin: 'https://friend.example',
      cookie: 'parley-80=secret',
      'x-forwarded-for': '203.0.113.9',
    });
    await heard(client, 'ready');
    const { headers } = await asked;
    assert.equal(headers.host, 'chat.example.org');
    assert.equal(headers.origin, 'https://friend.example');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-host'], 'chat.example.org');
    assert.equal(headers.cookie, undefined);
    assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/);
  });

  it('get the refusal of messaging unchanged', async () => {
    const answer = await web.request('/socket.io/?EIO=4&transport=websocket', {
      headers: { ...HANDSHAKE, origin: 'https://evil.example' },
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.text, 'Forbidden');
    assert.match(await web.metrics(), /parley_web_upgrades_total\{outcome="refused",.*\} 1/);
  });

  it('deliver what messaging sent last before they close', async () => {
    const { token } = await ticket();
    const client = open(token);
    await heard(client, 'ready');
    const farewell = heard(client, 'session:closed');
    const closed = heard(client, 'disconnect');
    for (const socket of sockets.sockets.sockets.values()) {
      socket.emit('session:closed', { code: 'session_expired', filler: 'x'.repeat(60_000) });
      socket.disconnect(true);
    }
    const { code } = (await farewell) as { code: string };
    assert.equal(code, 'session_expired');
    await closed;
    await noTunnelsOpen(web);
  });

  it('close at messaging when the client is cut off, and nothing is left open', async () => {
    const { token } = await ticket();
    const client = open(token);
    await heard(client, 'ready');
    assert.equal(await openTunnels(web), 1);
    const [socket] = sockets.sockets.sockets.values();
    const gone = heard(socket!, 'disconnect');
    (client.io.engine.transport as unknown as { ws: { terminate(): void } }).ws.terminate();
    await gone;
    await noTunnelsOpen(web);
  });

  it('close at the client when messaging dies', async () => {
    const { token } = await ticket();
    const client = open(token);
    await heard(client, 'ready');
    const closed = heard(client, 'disconnect');
    for (const socket of sockets.sockets.sockets.values()) {
      (socket.conn.transport as unknown as { socket: { terminate(): void } }).socket.terminate();
    }
    await closed;
    await noTunnelsOpen(web);
  });

  it('are cut when the service stops', async () => {
    const { token } = await ticket();
    const client = open(token);
    await heard(client, 'ready');
    const closed = heard(client, 'disconnect');
    await web.stop();
    await closed;
  });
});
