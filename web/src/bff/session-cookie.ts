import { SECOND, type Now } from '@parley/common';
import type { ParameterizedContext } from 'koa';

import type { OwnOrigin } from '../proxy/own-origin.ts';

/** The form of a session token: 256 bits in base64url. */
export const SESSION_TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The name of the cookie on https at the default port. */
const PLAIN_NAME = '__Host-parley';

/**
 * The cookie with the session token, which no script of the page can read. It is written here and not by
 * `ctx.cookies.set`, which has no `Max-Age` and lets the clock of the device decide when the cookie expires.
 */
export class SessionCookie {
  readonly #own: OwnOrigin;
  readonly #now: Now;

  constructor(deps: { own: OwnOrigin; now: Now }) {
    this.#own = deps.own;
    this.#now = deps.now;
  }

  /** The session token of a request, if its cookie has a well-formed one. */
  read(ctx: ParameterizedContext): string | undefined {
    for (const name of [this.#name(ctx), ...this.#formerNames(ctx)]) {
      const value = ctx.cookies.get(name);
      if (value !== undefined && SESSION_TOKEN.test(value)) return value;
    }
    return undefined;
  }

  /** Stores a session token in the browser until `endsAt` (milliseconds since the epoch). */
  write(ctx: ParameterizedContext, token: string, endsAt: number): void {
    const seconds = Math.max(0, Math.floor((endsAt - this.#now()) / SECOND));
    this.#set(ctx, token, seconds);
  }

  /** Extends the cookie of a request to the new end of its session. */
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
    // Replaces an earlier cookie of the same answer, so it never has a renewed and a cleared one.
    ctx.set(
      'set-cookie',
      `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`,
    );
  }

  /** Cookies ignore ports, so the port in the name separates two servers of one host. */
  #name({ req }: ParameterizedContext): string {
    const port = this.#own.port(req);
    if (!this.#own.isSecure(req)) return `parley-${port}`;
    return port === 443 ? PLAIN_NAME : `${PLAIN_NAME}-${port}`;
  }

  /**
   * Earlier versions used one name on every port of https. A cookie of that name may belong to another server of this
   * host, so it is read if there is no other, but never written or cleared.
   */
  #formerNames(ctx: ParameterizedContext): string[] {
    return this.#own.isSecure(ctx.req) && this.#name(ctx) !== PLAIN_NAME ? [PLAIN_NAME] : [];
  }
}
