import { SECOND, type Now } from '@parley/common';
import type { ParameterizedContext } from 'koa';

import type { OwnOrigin } from '../proxy/own-origin.ts';

/** Session tokens: 256 bits, base64url. */
export const SESSION_TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The cookie that carries the session token; no script of the page can read it. */
export class SessionCookie {
  readonly #own: OwnOrigin;
  readonly #now: Now;

  constructor(deps: { own: OwnOrigin; now: Now }) {
    this.#own = deps.own;
    this.#now = deps.now;
  }

  /** The session token of a request, if its cookie has one of the right shape. */
  read(ctx: ParameterizedContext): string | undefined {
    const value = ctx.cookies.get(this.#name(ctx));
    return value !== undefined && SESSION_TOKEN.test(value) ? value : undefined;
  }

  /** Keeps a session token in the browser until the session ends (milliseconds since the epoch). */
  write(ctx: ParameterizedContext, token: string, endsAt: number): void {
    const seconds = Math.max(0, Math.floor((endsAt - this.#now()) / SECOND));
    this.#set(ctx, token, seconds);
  }

  /** Keeps the cookie of a request for as long as its session now lasts. */
  renew(ctx: ParameterizedContext, endsAt: number): void {
    const token = this.read(ctx);
    if (token !== undefined) this.write(ctx, token, endsAt);
  }

  clear(ctx: ParameterizedContext): void {
    this.#set(ctx, '', 0);
  }

  #set(ctx: ParameterizedContext, value: string, maxAge: number): void {
    const name = this.#name(ctx);
    const secure = this.#own.isSecure(ctx.req) ? '; Secure' : '';
    // The last word of a request counts: a renewed cookie never stands beside a cleared one.
    ctx.set(
      'set-cookie',
      `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`,
    );
  }

  /** Cookies do not know ports, so without https the name tells two servers of one machine apart. */
  #name({ req }: ParameterizedContext): string {
    return this.#own.isSecure(req) ? '__Host-parley' : `parley-${this.#own.port(req)}`;
  }
}
