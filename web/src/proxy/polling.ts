import type { HttpState } from '@parley/backend-common';
import { AppError, MINUTE } from '@parley/common';
import type { Middleware } from 'koa';

import { readBody } from './body.ts';
import type { Relay } from './relay.ts';
import { isSocketPath } from './service-paths.ts';
import type { Upstream } from './upstream.ts';

interface PollingDeps {
  readonly relay: Relay;
  readonly messaging: Upstream;
}

/** Milliseconds that a long poll may wait for its first byte. */
const POLL_PATIENCE = MINUTE;

/** `/socket.io/` without an upgrade: long polling, if the messaging service allows it. */
export function proxyPolling({ messaging, relay }: PollingDeps): Middleware<HttpState> {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/socket.io/')) {
      await next();
      return;
    }
    if (!isSocketPath(ctx.path)) throw new AppError('unknown_operation');
    const body = await readBody(ctx.req);
    const options = { path: ctx.path + ctx.search, body, patience: POLL_PATIENCE };
    relay.pass(ctx, await relay.ask(ctx, messaging, options));
  };
}
