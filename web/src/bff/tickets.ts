import type { HttpState, TokenBuckets } from '@parley/backend-common';
import { RATE_LIMITS } from '@parley/common';
import type { Middleware } from 'koa';

import type { SessionCookie } from './session-cookie.ts';
import type { WebSessions } from './web-sessions.ts';

interface TicketDeps {
  readonly cookie: SessionCookie;
  readonly sessions: WebSessions;
  /** Absent if limits are switched off. */
  readonly buckets: TokenBuckets | undefined;
}

/** `POST /bff/ticket`: a token of 30 s for the next handshake. Extends the cookie, because use extends the session. */
export function giveTicket({ buckets, cookie, sessions }: TicketDeps): Middleware<HttpState> {
  return async (ctx) => {
    const caller = await sessions.caller(ctx);
    buckets?.take(`ticket:${caller.userId}`, RATE_LIMITS.write);
    const { expiresAt, token } = await sessions.ticket(caller);
    cookie.renew(ctx, caller.expiresAt);
    ctx.body = { ticket: token, expiresAt };
  };
}
