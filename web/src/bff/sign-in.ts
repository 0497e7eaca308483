import type { HttpState, Logger } from '@parley/backend-common';
import type { Middleware, ParameterizedContext } from 'koa';
import { z } from 'zod';

import { readJsonBody } from '../proxy/body.ts';
import type { Relay } from '../proxy/relay.ts';
import { SESSION_TOKEN, type SessionCookie } from './session-cookie.ts';
import type { UpstreamAnswer } from '../proxy/upstream-answer.ts';
import type { Upstream } from '../proxy/upstream.ts';
import type { WebSessions } from './web-sessions.ts';

interface SignInDeps {
  readonly auth: Upstream;
  readonly cookie: SessionCookie;
  readonly relay: Relay;
  readonly sessions: WebSessions;
  readonly logger: Logger;
}

const signedIn = z.object({
  sessionToken: z.string().regex(SESSION_TOKEN),
  session: z.looseObject({ expiresAt: z.number() }),
  user: z.looseObject({}),
});

/** `/bff/register`, `/bff/login` and `/bff/logout`: the operations of auth, with the session token in a cookie. */
export class SignIn {
  readonly #deps: SignInDeps;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  readonly register: Middleware<HttpState> = (ctx) => this.#signIn(ctx, '/auth/register');

  readonly login: Middleware<HttpState> = (ctx) => this.#signIn(ctx, '/auth/login');

  /** Ends the session of the cookie, if there is one, and clears the cookie. */
  readonly logout: Middleware<HttpState> = async (ctx) => {
    if (!(await this.#end(ctx))) return;
    this.#deps.cookie.clear(ctx);
    ctx.status = 204;
  };

  async #signIn(ctx: ParameterizedContext<HttpState>, path: string): Promise<void> {
    const { auth, cookie, relay } = this.#deps;
    const body = await readJsonBody(ctx);
    const answer = await relay.ask(ctx, auth, { path, body, headers: ANONYMOUS });
    if (!answer.ok) {
      relay.passPrivate(ctx, answer);
      return;
    }
    const { session, sessionToken, user } = signedIn.parse(await answer.json());
    await this.#endReplaced(ctx);
    cookie.write(ctx, sessionToken, session.expiresAt);
    ctx.status = answer.status;
    ctx.body = { session, user };
  }

  /** A browser has one session: the session that a new login replaces must end. */
  async #endReplaced(ctx: ParameterizedContext<HttpState>): Promise<void> {
    try {
      (await this.#requestEnd(ctx))?.discard();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'A replaced session could not be ended');
    }
  }

  /** Whether the session has ended; if not, the client gets the answer of auth. */
  async #end(ctx: ParameterizedContext<HttpState>): Promise<boolean> {
    const answer = await this.#requestEnd(ctx);
    if (answer !== undefined && !answer.ok && answer.status !== 401) {
      this.#deps.relay.passPrivate(ctx, answer);
      return false;
    }
    answer?.discard();
    return true;
  }

  async #requestEnd(ctx: ParameterizedContext<HttpState>): Promise<UpstreamAnswer | undefined> {
    const { auth, relay, sessions } = this.#deps;
    const caller = await sessions.callerIfAny(ctx);
    if (caller === undefined) return undefined;
    const authorization = await sessions.authorization(caller, 'auth');
    const answer = await relay.ask(ctx, auth, {
      method: 'POST',
      path: '/auth/logout',
      headers: { ...ANONYMOUS, 'content-type': undefined, authorization },
    });
    sessions.forget(caller);
    return answer;
  }
}

/** The cookie side ignores `Authorization` of the client, and its answers are for one origin only. */
const ANONYMOUS = { authorization: undefined, origin: undefined };
