import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { startAuth } from '@parley/auth';
import type { RunningService } from '@parley/backend-common';
import { silentLogger, testMongoUri } from '@parley/backend-common/testing';
import { authOperations, operations, type Operation } from '@parley/common/contract';
import { HOUR } from '@parley/common';
import { startMessaging } from '@parley/messaging';
import { startWeb } from '@parley/web';
import { io, type Socket } from 'socket.io-client';

import { Lateness } from './support/lateness.ts';
import type { LinkFault } from './support/links/link-fault.ts';
import { Link } from './support/links/link.ts';
import { fetchWithin } from './support/patience.ts';
import { poll } from './support/poll.ts';
import { call, register, type Account } from './support/plain-client.ts';

/**
 * Milliseconds within which everything is answered: 16 s, and what hundreds of requests add whose six services take turns
 * in this one process. For as long as the process does not run, no answer can come. A request that waits for a socket to
 * time out takes a minute.
 */
const ANSWERED = 18_000;
/** What needs no database, or no database before it says that this server has no object store. */
const WITHOUT_DATABASE = new Set([
  ...['meta:get', 'presence:unwatch', 'app:state'],
  ...['attachment:resume', 'attachment:complete', 'attachment:cancel', 'attachment:url'],
]);

/** The page begins and ends sessions elsewhere. */
const SIGN_IN = new Set(['/auth/register', '/auth/login', '/auth/logout']);
const ALL: readonly Operation[] = [...Object.values(authOperations), ...Object.values(operations)];

/** What a request or an event was answered, and when. */
interface Outcome {
  readonly name: string;
  readonly way: string;
  readonly code: string;
  readonly ms: number;
  readonly retryable: boolean | undefined;
  /** Over HTTP. */
  readonly retryAfter?: string | null;
}

/** The three services on a database that can be cut off. */
class Services {
  /** Between the services and the database. */
  readonly link: Link;
  readonly #running: RunningService[] = [];
  account!: Account;
  socket!: Socket;

  private constructor(link: Link) {
    this.link = link;
  }

  static async start(): Promise<Services> {
    const uri = new URL(testMongoUri());
    const services = new Services(await Link.open({ target: Number(uri.port) }));
    uri.port = String(services.link.port);
    uri.search = 'directConnection=true';
    const env = {
      MONGODB_URI: uri.href,
      PARLEY_SECRET: 'a secret of the tests, 32 bytes or more',
      PARLEY_RATE_LIMITS: 'off',
      // Somebody, so that the database is asked whether the caller is one.
      PARLEY_ADMINS: 'operator',
      PARLEY_TRUSTED_PROXIES: '127.0.0.1',
    };
    const overrides = { logger: silentLogger() };
    const auth = await startAuth(env, overrides);
    const messaging = await startMessaging(env, overrides);
    const urls = { PARLEY_AUTH_URL: auth.url, PARLEY_MESSAGING_URL: messaging.url };
    const web = await startWeb({ ...env, ...urls }, overrides);
    services.#running.push(web, messaging, auth);
    services.account = await register(web.url, 'Ann');
    services.socket = io(messaging.url, {
      ...{ transports: ['websocket'], auth: { token: services.account.token } },
    });
    await once(services.socket as never, 'sync:done');
    return services;
  }

  get web(): RunningService {
    return this.#running[0]!;
  }

  get messaging(): RunningService {
    return this.#running[1]!;
  }

  get auth(): RunningService {
    return this.#running[2]!;
  }

  async close(): Promise<void> {
    this.restore();
    this.socket.disconnect();
    for (const service of this.#running) await service.close();
    await this.link.close();
  }

  /** The database answers again, over new connections. */
  restore(): void {
    this.link.break({ cut: true });
    this.link.heal();
  }
}

/** The example of an operation; one whose times are not in the past by now. */
function inputOf({ example, name }: Operation): Record<string, unknown> {
  const input = example.input as Record<string, unknown>;
  return name === 'status:set' ? { ...input, statusExpiration: Date.now() + HOUR } : input;
}

/** Path, query and body of a request. */
function requestOf(operation: Operation): { path: string; body: string | undefined } {
  const { method, path: template } = operation.http!;
  const input = new Map(Object.entries(inputOf(operation)));
  const path = template.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(input.get(name));
    input.delete(name);
    return encodeURIComponent(value);
  });
  if (method !== 'GET') return { path, body: JSON.stringify(Object.fromEntries(input)) };
  const query = new URLSearchParams([...input].map(([name, value]) => [name, String(value)]));
  return { path: input.size === 0 ? path : `${path}?${String(query)}`, body: undefined };
}

interface Sent {
  readonly name: string;
  readonly way: string;
  readonly url: string;
  readonly method: string;
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

async function overHttp({ body, headers, method, name, url, way }: Sent): Promise<Outcome> {
  const startedAt = performance.now();
  const response = await fetchWithin(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const { code = 'ok', retryable } = (text === '' ? {} : JSON.parse(text)) as Partial<Outcome>;
  const ms = Math.round(performance.now() - startedAt);
  return { name, way, code, ms, retryable, retryAfter: response.headers.get('retry-after') };
}

async function overSocket(socket: Socket, operation: Operation): Promise<Outcome> {
  const { name } = operation;
  const startedAt = performance.now();
  const answer = (await socket.timeout(60_000).emitWithAck(name, inputOf(operation))) as {
    error?: { code: string; retryable: boolean };
  };
  const ms = Math.round(performance.now() - startedAt);
  const { code = 'ok', retryable } = answer.error ?? {};
  return { name, way: 'over a socket', code, ms, retryable };
}

/** Everything that a client can ask, at once. */
function askEverything(services: Services): Promise<Outcome[]> {
  const { account, auth, messaging, socket, web } = services;
  const bearer = { authorization: `Bearer ${account.token}` };
  // A token that no service has verified before.
  const unknown = { authorization: `Bearer ${randomBytes(32).toString('base64url')}` };
  const page = { 'x-parley': '1', cookie: `parley-${new URL(web.url).port}=${account.token}` };
  const requests = ALL.filter(({ http }) => http !== undefined).flatMap((operation): Sent[] => {
    const { path, body } = requestOf(operation);
    const sent = { name: operation.name, method: operation.http!.method, body };
    const { url } = operation.name in authOperations ? auth : messaging;
    const ofPage = SIGN_IN.has(path) ? path.replace('/auth', '/bff') : `/bff/api${path}`;
    return [
      { ...sent, way: 'at its service', url: url + path, headers: bearer },
      { ...sent, way: 'with another token', url: url + path, headers: unknown },
      { ...sent, way: 'through web', url: `${web.url}/api${path}`, headers: bearer },
      { ...sent, way: 'by the page', url: web.url + ofPage, headers: page },
    ];
  });
  const ready = [auth, messaging, web].map(({ url }) => ({
    ...{ name: 'readiness', way: url, method: 'GET', url: `${url}/readyz` },
  }));
  const ticket = { method: 'POST', url: `${web.url}/bff/ticket`, headers: page };
  return Promise.all([
    ...[...requests, ...ready, { name: 'ticket', way: 'by the page', ...ticket }].map(overHttp),
    ...Object.values(operations).map((operation) => overSocket(socket, operation)),
  ]);
}

describe('while MongoDB is away', function () {
  this.timeout(120_000);
  const open: Services[] = [];

  before(async () => {
    for (let count = 0; count < 2; count += 1) open.push(await Services.start());
  });
  after(() => Promise.all(open.map((services) => services.close())));

  it('everything that needs it is answered unavailable within 16 s, and works again afterwards', async () => {
    const faults: LinkFault[] = [{ blackHole: 'both' }, { cut: true }];
    const ends = faults.map(async (fault, index) => {
      const services = open[index]!;
      services.link.break(fault);
      const lateness = new Lateness();
      const outcomes = await askEverything(services).finally(() => lateness.stop());
      const late = Math.round(lateness.late);
      for (const { code, ms, name, retryAfter, retryable, way } of outcomes) {
        const took = `${code} after ${ms} ms, in which the process was busy for ${late} ms`;
        const what = `${name} ${way} during ${JSON.stringify(fault)}: ${took}`;
        assert.ok(ms < ANSWERED + late, what);
        if (WITHOUT_DATABASE.has(name) && code !== 'unavailable') {
          assert.ok(code === 'ok' || code === 'not_found', what);
          continue;
        }
        assert.equal(code, 'unavailable', what);
        assert.equal(retryable, true, what);
        if (way !== 'over a socket') assert.match(retryAfter ?? '', /^[1-9]\d*$/, what);
      }
      services.restore();
      const { account, web } = services;
      const works = async () => {
        const { status } = await call(web.url, { path: '/conversations', token: account.token });
        return status === 200 || undefined;
      };
      await poll(works, 30_000);
    });
    await Promise.all(ends);
  });
});
