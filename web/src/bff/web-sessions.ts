import type {
  Audience,
  HttpState,
  ServiceTokens,
  SessionVerifier,
  VerifiedCaller,
} from '@parley/backend-common';
import { AppError } from '@parley/common';
import type { Middleware, ParameterizedContext } from 'koa';

import type { SessionCookie } from './session-cookie.ts';

interface WebSessionsDeps {
  readonly cookie: SessionCookie;
  readonly verifier: SessionVerifier;
  readonly tokens: ServiceTokens;
}

/** The session of a page: the user of its cookie, and the short-lived tokens that services accept for it. */
export class WebSessions {
  readonly #deps: WebSessionsDeps;

  constructor(deps: WebSessionsDeps) {
    this.#deps = deps;
  }

  /** The user and session of the cookie. @throws AppError `unauthenticated`, `session_expired` */
  async caller(ctx: ParameterizedContext): Promise<VerifiedCaller> {
    const token = this.#deps.cookie.read(ctx);
    if (token === undefined) throw new AppError('unauthenticated');
    return this.#deps.verifier.verifyBearer(token);
  }

  /** The same, or `undefined` if nobody is logged in. */
  async callerIfAny(ctx: ParameterizedContext): Promise<VerifiedCaller | undefined> {
    try {
      return await this.caller(ctx);
    } catch (error) {
      if (isEnded(error)) return undefined;
      throw error;
    }
  }

  /** Verifies a session again without the cache. @throws AppError as {@link caller} */
  async confirm(ctx: ParameterizedContext, { sessionId }: VerifiedCaller): Promise<void> {
    this.#deps.verifier.forget([sessionId]);
    await this.caller(ctx);
  }

  /** The `Authorization` header with which a service accepts a request for a caller. */
  async authorization({ sessionId, userId }: VerifiedCaller, audience: Audience): Promise<string> {
    const claims = { kind: 'service', audience, sessionId, userId } as const;
    return `Bearer ${(await this.#deps.tokens.issue(claims)).token}`;
  }

  /** A ticket, which opens one socket, and when it expires. */
  async ticket({
    sessionId,
    userId,
  }: VerifiedCaller): Promise<{ token: string; expiresAt: number }> {
    return this.#deps.tokens.issue({ kind: 'ticket', audience: 'messaging', sessionId, userId });
  }

  /** Removes a session that has ended from the cache. */
  forget({ sessionId }: VerifiedCaller): void {
    this.#deps.verifier.forget([sessionId]);
  }

  /** Clears the cookie of a session that has ended. */
  clearEnded(): Middleware<HttpState> {
    return async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        if (isEnded(error)) this.#deps.cookie.clear(ctx);
        throw error;
      }
    };
  }
}

function isEnded(error: unknown): boolean {
  return (
    error instanceof AppError &&
    (error.code === 'unauthenticated' || error.code === 'session_expired')
  );
}
