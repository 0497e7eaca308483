import { randomBytes } from 'node:crypto';
import type { RunningService } from '@parley/backend-common';
import { hashToken, ServiceTokens } from '@parley/backend-common';
import { silentLogger, testMongo, type TestMongo } from '@parley/backend-common/testing';
import { HOUR } from '@parley/common';

import { startWeb, type Overrides } from '@parley/web';
import { sendRequest, PAGE, type Answer, type RequestOptions } from './send-request.ts';
import { answerJson, StandIn } from './stand-in.ts';

const SECRET = 'a secret of the tests, 32 bytes or more';

/** A session as auth would have stored it. */
export interface KnownSession {
  readonly id: string;
  readonly userId: string;
  readonly token: string;
  readonly expiresAt: number;
  /** The `Cookie` header of its browser. */
  readonly cookie: string;
}

/** The web service between stand-ins of auth and messaging, with a database of its own. */
export class WebUnderTest {
  readonly auth = new StandIn();
  readonly messaging = new StandIn();
  readonly tokens = new ServiceTokens({ secret: SECRET, now: Date.now });
  #mongo!: TestMongo;
  #service!: RunningService;

  static async start(
    env: Readonly<Record<string, string>> = {},
    overrides: Overrides = {},
    moreNodes: readonly StandIn[] = [],
  ): Promise<WebUnderTest> {
    const web = new WebUnderTest();
    await Promise.all([web.auth.start(), web.messaging.start()]);
    web.#mongo = await testMongo();
    const nodes = [web.messaging, ...moreNodes].map(({ url }) => url);
    const given = {
      MONGODB_URI: web.#mongo.uri,
      PARLEY_SECRET: SECRET,
      PARLEY_AUTH_URL: web.auth.url,
      PARLEY_MESSAGING_URL: nodes.join(','),
      ...env,
    };
    try {
      web.#service = await startWeb(given, { logger: silentLogger(), ...overrides });
    } catch (error) {
      await web.#closeRest();
      throw error;
    }
    return web;
  }

  get url(): string {
    return this.#service.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Stops the service alone. */
  stop(): Promise<void> {
    return this.#service.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#closeRest();
  }

  async #closeRest(): Promise<void> {
    await Promise.all([this.auth.stop(), this.messaging.stop()]);
    await this.#mongo.drop();
  }

  request(path: string, options?: RequestOptions): Promise<Answer> {
    return sendRequest(`${this.url}${path}`, options);
  }

  /** Sends a request as the page of this server does. */
  requestAsPage(path: string, { headers, ...options }: RequestOptions = {}): Promise<Answer> {
    return this.request(path, { ...options, headers: { ...PAGE, ...headers } });
  }

  async metrics(): Promise<string> {
    return (await sendRequest(this.#service.metricsUrl)).text;
  }

  /** Stores a session. Returns it with the cookie of its browser. */
  async session(): Promise<KnownSession> {
    const token = randomBytes(32).toString('base64url');
    const id = `session-${token.slice(0, 8)}`;
    const userId = `user-${token.slice(0, 8)}`;
    const expiresAt = Date.now() + HOUR;
    const document = { _id: id, userId, tokenHash: hashToken(token), expiresAt, revokedAt: null };
    await this.#mongo.db.collection<{ _id: string }>('sessions').insertOne(document);
    return { id, userId, token, expiresAt, cookie: `parley-${this.port}=${token}` };
  }

  /** Ends a session as auth would. */
  async revoke({ id }: KnownSession): Promise<void> {
    await this.#mongo.db
      .collection<{ _id: string }>('sessions')
      .updateOne({ _id: id }, { $set: { revokedAt: Date.now() } });
  }

  /** Lets auth answer logins with a session. */
  authSignsIn(session: KnownSession): void {
    this.auth.answers((received, response) => {
      if (received.url === '/auth/logout') {
        response.writeHead(204).end();
        return;
      }
      answerJson(response, received.url === '/auth/register' ? 201 : 200, {
        sessionToken: session.token,
        session: { id: session.id, expiresAt: session.expiresAt },
        user: { id: session.userId },
      });
    });
  }
}
