import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { Agent } from 'node:https';
import { once } from 'node:events';
import { authOperations, operations } from '@parley/common/contract';
import { freePort } from '@parley/dev';

import { Nginx, originOf, type Form } from '../support/nginx.ts';
import { fetchWithin } from '../support/patience.ts';
import { poll } from '../support/poll.ts';
import { PlainClient, logIn, register, type Account, type Place } from '../support/plain-client.ts';
import { Talk } from '../support/talk.ts';
import { testStack, type TestStack } from '../support/stack.ts';

/** Milliseconds within which a client must be served again. */
const SERVED_AGAIN = 5_000;

/** Three nodes of messaging behind nginx. */
class Site {
  readonly parley: TestStack;
  readonly nginx: Nginx;
  readonly redirectPort: number;
  readonly #clients: PlainClient[] = [];

  private constructor(given: { parley: TestStack; nginx: Nginx; redirectPort: number }) {
    this.parley = given.parley;
    this.nginx = given.nginx;
    this.redirectPort = given.redirectPort;
  }

  static async start(form: Form, env: Readonly<Record<string, string>> = {}): Promise<Site> {
    const [tls, redirect] = [await freePort(), await freePort()];
    const given = { PARLEY_PUBLIC_ORIGIN: originOf(tls), PARLEY_TRUSTED_PROXIES: '127.0.0.1' };
    const parley = await testStack({ nodes: 3, env: { ...given, ...env } });
    try {
      const parts = parley.stack.parts();
      const nginx = await Nginx.start({ form, ports: { tls, redirect }, parts });
      return new Site({ parley, nginx, redirectPort: redirect });
    } catch (error) {
      await parley.close();
      throw error;
    }
  }

  get nodes() {
    return this.parley.stack.parts().filter(({ kind }) => kind === 'messaging');
  }

  /** A client that reconnects by itself, when its replay has ended. */
  async connect(account: Account, options: Partial<Place> = {}): Promise<PlainClient> {
    const place = { origin: this.nginx.origin, ca: this.nginx.ca, ...options };
    const client = new PlainClient(place, account.token);
    this.#clients.push(client);
    await client.synced();
    return client;
  }

  /** Stops the nodes one after the other; each is up again before the next stops. */
  async roll(signal: NodeJS.Signals): Promise<void> {
    for (const { name, pid } of this.nodes) {
      const restarted = this.parley.stack.restarted(name);
      process.kill(pid, signal);
      await restarted;
    }
  }

  /** Open sockets of each node. */
  async sockets(): Promise<number[]> {
    const texts = this.nodes.map(async ({ metricsUrl }) => (await fetchWithin(metricsUrl!)).text());
    return (await Promise.all(texts)).map((text) =>
      Number(/^parley_sockets\{[^}]*\} (\d+)$/m.exec(text)?.[1]),
    );
  }

  closeClients(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }

  async close(): Promise<void> {
    this.closeClients();
    await this.nginx.close();
    await this.parley.close();
  }
}

/** Four users with three sessions each. */
async function twelveSessions(origin: string): Promise<Account[]> {
  const sessions: Account[] = [];
  // One after the other: each takes a password hash, and few may wait for one address.
  for (const name of ['Ann', 'Ben', 'Cem', 'Dee']) {
    const account = await register(origin, name);
    sessions.push(account, await logIn(origin, account), await logIn(origin, account));
  }
  return sessions;
}

describe('the shipped nginx configuration', () => {
  let site: Site;
  let sessions: Account[];

  before(async () => {
    site = await Site.start('nginx.conf');
    sessions = await twelveSessions(site.parley.origin);
  });
  afterEach(() => site.closeClients());
  after(() => site.close());

  it('differs from the one with long polling in the balancing of the sockets alone', async () => {
    const read = (form: Form) =>
      readFile(new URL(`../../../deploy/nginx/${form}`, import.meta.url), 'utf8');
    const settings = (text: string) =>
      text.split('\n').filter((line) => !line.trim().startsWith('#'));
    const [websocket, polling] = [
      settings(await read('nginx.conf')),
      settings(await read('nginx-long-polling.conf')),
    ];
    const at = websocket.indexOf('    upstream parley_sockets {') + 2;
    assert.equal(websocket[at], '        random two least_conn;');
    assert.equal(polling[at], '        hash $remote_addr consistent;');
    assert.deepEqual(websocket.toSpliced(at, 1), polling.toSpliced(at, 1));
  });

  it('carries a conversation through a rolling restart of three nodes, and serves each client again within 5 s', async () => {
    const talk = await Talk.begin(sessions, (session) => site.connect(session));
    await talk.reached(50);
    await site.roll('SIGTERM');
    await talk.reached(100);
    await talk.endWithEverybodyReached();
    assert.deepEqual(talk.refusals, []);
    assert.ok(talk.longestAbsence < SERVED_AGAIN, `absent for ${talk.longestAbsence} ms`);
    assert.ok(talk.reconnects >= 12, 'every client lost its node at least once');
  }).timeout(300_000);

  it('gives a node that was killed clients again as soon as it is back', async () => {
    const [killed] = site.nodes;
    const restarted = site.parley.stack.restarted(killed!.name);
    process.kill(killed!.pid, 'SIGKILL');
    // While it is away, each of these asks it or another node first.
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => site.connect(sessions[index % 12]!)),
    );
    await restarted;
    await Promise.all(
      Array.from({ length: 24 }, (_, index) => site.connect(sessions[index % 12]!)),
    );
    const [back = 0] = await site.sockets();
    assert.ok(back >= 4, `the node that is back has ${back} of 24 new clients`);
  });

  it('keeps sockets open when it is reloaded', async () => {
    const client = await site.connect(sessions[0]!);
    let wasCut = false;
    client.socket.on('disconnect', () => (wasCut = true));
    await site.nginx.reload();
    assert.ok(await client.request('conversation:list', {}));
    assert.equal(wasCut, false);
  });

  it('sends every operation of the contract to the service that has it', async () => {
    for (const { http, name } of [...Object.values(authOperations), ...Object.values(operations)]) {
      if (http === undefined) continue;
      const path = `/api${http.path.replaceAll(/:\w+/g, '0190f3a0-0000-7000-8000-000000000000')}`;
      const { status, text } = await site.nginx.request({ method: http.method, path });
      assert.doesNotMatch(text, /unknown_operation|method_not_allowed/, `${name} at ${path}`);
      assert.ok(status < 500, `${name}: ${status}`);
    }
  });

  it('does not expose what is internal, however its path is written', async () => {
    for (const path of [
      ...['/readyz', '/healthz', '/internal/sessions/touch', '//readyz', '/%72eadyz', '/./readyz'],
      ...['/api/readyz', '/api/healthz', '/api/internal/sessions/touch', '/api//internal/x'],
      ...['/api/%69nternal/sessions/touch', '/api/auth/../internal/sessions/touch'],
      ...['/api/auth/%2e%2e/internal/sessions/touch', '/api/socket.io/', '/api/socket.io/x'],
      ...['/socket.io/../readyz', '/socket.io/%2e%2e/readyz', '/socket.io/..%2freadyz'],
    ]) {
      const { status, text } = await site.nginx.request({ path });
      assert.equal(status, 404, `${path}: ${text}`);
      assert.equal((JSON.parse(text) as { code: string }).code, 'unknown_operation', path);
    }
  });

  it('replaces what a client says about its address, so that limits count the client', async () => {
    const attempt = async (index: number, from: string) => {
      const body = JSON.stringify({ username: `x`, password: 'short' });
      const headers = {
        'content-type': 'application/json',
        'x-forwarded-for': `203.0.113.${index}`,
        forwarded: `for=203.0.113.${index}`,
        'x-real-ip': `203.0.113.${index}`,
      };
      return site.nginx.request({ method: 'POST', path: '/api/auth/login', headers, body, from });
    };
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, index) => attempt(index, '127.0.0.7')),
    );
    assert.ok(
      answers.some(({ status }) => status === 429),
      'one client has one bucket',
    );
    assert.notEqual((await attempt(0, '127.0.0.8')).status, 429, 'another client has another');
  });

  it('lets WebSockets that one address opens too fast wait, and takes those of others', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 40, ca: site.nginx.ca });
    const open = (from: string) =>
      site.nginx.request({
        ...{ path: '/socket.io/?EIO=4&transport=websocket', from, agent },
        // Refused by a node: the connection can be used again.
        headers: { upgrade: 'websocket', connection: 'Upgrade', origin: 'https://else.example' },
      });
    try {
      const startedAt = performance.now();
      const flood = Array.from({ length: 900 }, () => open('127.0.0.5'));
      await flood[0];
      const { status } = await open('127.0.0.6');
      const statuses = new Set((await Promise.all(flood)).map((answer) => answer.status));
      assert.deepEqual([...statuses], [status]);
      assert.ok(performance.now() - startedAt > 1_000, '900 of one address take a second');
    } finally {
      agent.destroy();
    }
  });

  it('answers too large bodies, services that are away and plain http as the contract says', async () => {
    const large = await site.nginx.request({
      ...{ method: 'POST', path: '/api/auth/login', body: `"${'x'.repeat(131_072)}"` },
      headers: { 'content-type': 'application/json', 'content-length': '131074' },
    });
    assert.equal(large.status, 413);
    assert.equal((JSON.parse(large.text) as { code: string }).code, 'payload_too_large');

    const auth = site.parley.stack.parts().find(({ kind }) => kind === 'auth')!;
    const restarted = site.parley.stack.restarted(auth.name);
    process.kill(auth.pid, 'SIGKILL');
    const id = 'request-0001';
    const away = await site.nginx.request({ path: '/api/meta', headers: { 'x-request-id': id } });
    await restarted;
    const { code, instance, retryable } = JSON.parse(away.text) as Record<string, unknown>;
    assert.deepEqual([away.status, code, instance, retryable], [503, 'unavailable', id, true]);
    assert.equal(away.headers['retry-after'], '1');

    const asked = get(`http://127.0.0.1:${site.redirectPort}/docs?x=1`);
    const [{ headers, statusCode }] = (await once(asked, 'response')) as [
      { statusCode: number; headers: Record<string, string> },
    ];
    assert.deepEqual([statusCode, headers['location']], [308, 'https://localhost/docs?x=1']);
  });

  it('serves the web app with security headers that name https', async () => {
    const { headers, status } = await site.nginx.request({ path: '/' });
    assert.equal(status, 200);
    assert.match(String(headers['strict-transport-security']), /^max-age=\d+/);
    assert.equal(headers['server'], 'nginx');
  });

  it('logs no query strings', async () => {
    await site.nginx.request({ path: '/api/users?prefix=secret-name' });
    const written = await poll(async () => {
      const log = await site.nginx.accessLog();
      return log.includes('"GET /api/users HTTP/1.1"') ? log : undefined;
    });
    assert.doesNotMatch(written, /secret-name|EIO=/);
  });
});

describe('the shipped nginx configuration with long polling', () => {
  let site: Site;
  let sessions: Account[];
  const agents: Agent[] = [];
  /** Connections from an address that no other client has. */
  const agent = () => {
    const localAddress = `127.0.1.${agents.length + 1}`;
    agents.push(new Agent({ keepAlive: true, ca: site.nginx.ca, localAddress }));
    return agents.at(-1)!;
  };

  before(async () => {
    site = await Site.start('nginx-long-polling.conf', { PARLEY_LONG_POLLING: 'on' });
    sessions = await twelveSessions(site.parley.origin);
  });
  afterEach(() => {
    site.closeClients();
    for (const each of agents.splice(0)) each.destroy();
  });
  after(() => site.close());

  it('keeps each polling client on one node, on several nodes in all, through a rolling restart', async () => {
    const talk = await Talk.begin(sessions, (session) =>
      site.connect(session, { transports: ['polling'], agent: agent() }),
    );
    await talk.reached(50);
    assert.equal(talk.reconnects, 0, 'no request reached another node');
    const used = (await site.sockets()).filter((sockets) => sockets > 0);
    assert.ok(used.length >= 2, `${used.length} nodes have clients`);
    await site.roll('SIGTERM');
    await talk.reached(100);
    await talk.endWithEverybodyReached();
    assert.deepEqual(talk.refusals, []);
    assert.ok(talk.longestAbsence < SERVED_AGAIN, `absent for ${talk.longestAbsence} ms`);
  }).timeout(300_000);

  it('lets a client that began with polling go over to the WebSocket', async () => {
    const client = await site.connect(sessions[0]!, { transports: ['polling', 'websocket'] });
    const { engine } = client.socket.io;
    if (engine.transport.name !== 'websocket') {
      await new Promise((resolve) => engine.once('upgrade', resolve));
    }
    assert.equal(engine.transport.name, 'websocket');
  });
});
