import assert from 'node:assert/strict';
import { ServiceTokens, type RunningService, type ServiceClaims } from '@parley/backend-common';
import { recordingLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import type { ErrorCode } from '@parley/common';
import type { Session, User } from '@parley/common/contract';

import { startAuth, type Overrides } from '../../src/index.ts';
import { FakeHasher } from './fake-hasher.ts';

export const SECRET = 'a secret of more than thirty-two bytes';
export const PASSWORD = 'correct horse battery';

/** What a request carries besides its method and path. */
export interface Given {
  readonly token?: string | undefined;
  readonly body?: unknown;
  /** The client's address, as a trusted proxy says it. */
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

/** An answer, with its JSON taken apart. */
export interface Answer<Data = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data;
}

export interface SignedIn {
  sessionToken: string;
  session: Session;
  user: User;
}

interface Options {
  readonly env?: Record<string, string>;
  readonly overrides?: Overrides;
  /** An earlier service's database, to start again on. */
  readonly mongo?: TestMongo;
}

/** The auth service with a database, a clock and cheap hashes of its own. */
export class AuthService {
  readonly mongo: TestMongo;
  readonly hasher: FakeHasher;
  readonly clock: { now: number };
  readonly tokens: ServiceTokens;
  /** Everything that was logged. */
  readonly log = recordingLogger();
  #running: RunningService | undefined;

  private constructor(mongo: TestMongo) {
    this.mongo = mongo;
    this.hasher = new FakeHasher();
    this.clock = { now: Date.now() };
    this.tokens = new ServiceTokens({ secret: SECRET, now: () => this.clock.now });
  }

  static async start(options: Options = {}): Promise<AuthService> {
    const service = new AuthService(options.mongo ?? (await testMongo()));
    await service.#start(options);
    return service;
  }

  async #start({ env, overrides }: Options): Promise<void> {
    this.#running = await startAuth(
      {
        MONGODB_URI: this.mongo.uri,
        PARLEY_SECRET: SECRET,
        PARLEY_TRUSTED_PROXIES: '127.0.0.1',
        ...env,
      },
      {
        now: () => this.clock.now,
        hasher: this.hasher,
        checkOutput: true,
        logger: this.log.logger,
        ...overrides,
      },
    );
  }

  get running(): RunningService {
    assert.ok(this.#running);
    return this.#running;
  }

  get url(): string {
    return this.running.url;
  }

  /** Stops the service and keeps its data. */
  async stop(): Promise<void> {
    await this.#running?.close();
  }

  /** Stops the service and throws its data away. */
  async drop(): Promise<void> {
    await this.stop();
    await this.mongo.drop();
  }

  async call<Data = Record<string, unknown>>(
    method: string,
    path: string,
    given: Given = {},
  ): Promise<Answer<Data>> {
    const { body, from, headers, token } = given;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(from === undefined ? {} : { 'x-forwarded-for': from }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const data = (text === '' ? {} : JSON.parse(text)) as Data;
    return { status: response.status, headers: response.headers, data };
  }

  /** Makes an account, each from an address of its own. */
  async register(username: string, more: Record<string, unknown> = {}): Promise<SignedIn> {
    const { data, status } = await this.call<SignedIn>('POST', '/auth/register', {
      body: { username, password: PASSWORD, ...more },
      from: addressOf(username),
    });
    assert.equal(status, 201, JSON.stringify(data));
    return data;
  }

  /** Makes an account with a listed username, which nobody can register. */
  async registerAdministrator(username: string): Promise<SignedIn> {
    const signedIn = await this.register('to-be-listed');
    await this.mongo.db
      .collection<{ _id: string }>('users')
      .updateOne({ _id: signedIn.user.id }, { $set: { username } });
    return signedIn;
  }

  login(username: string, password: string, from = addressOf(username)) {
    return this.call<SignedIn>('POST', '/auth/login', { body: { username, password }, from });
  }

  /** Resolves once the requests in progress have made a condition true. */
  async reached(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  }

  async serviceToken(claims: ServiceClaims): Promise<string> {
    return (await this.tokens.issue(claims)).token;
  }

  /** One number of the metrics; 0 where nothing was counted. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const text = await (await fetch(this.running.metricsUrl)).text();
    const line = text
      .split('\n')
      .filter((each) => each.startsWith(`${name}{`) || each.startsWith(`${name} `))
      .find((each) => Object.entries(labels).every(([k, v]) => each.includes(`${k}="${v}"`)));
    return Number(line?.split(' ').at(-1) ?? 0);
  }
}

/** An address that depends on the name alone. */
export function addressOf(name: string): string {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) % 16_000_000;
  return `10.${hash >> 16}.${(hash >> 8) & 255}.${hash & 255}`;
}

/** Asserts that an answer is a refusal with this code. */
export function assertRefused(answer: Answer, code: ErrorCode): void {
  assert.equal(answer.data['code'], code, JSON.stringify(answer.data));
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal(answer.status, answer.data['status']);
}
