import { bearerToken, type Caller, type HttpState } from '@parley/backend-common';
import Router from '@koa/router';
import type { Middleware } from 'koa';

import type { MessagingContext } from '../transport/server/context.ts';

interface ContentRouteDeps {
  readonly authenticate: (bearer: string | undefined) => Promise<Caller>;
  readonly dispatcher: {
    run(name: string, input: unknown, context: MessagingContext): Promise<unknown>;
  };
}

/** `GET /attachments/:attachmentId/content` redirects to the store, under the rules of `attachment:url`. */
export function contentRoute({
  authenticate,
  dispatcher,
}: ContentRouteDeps): Middleware<HttpState> {
  const router = new Router<HttpState>({ sensitive: true, strict: true });
  router.get('/attachments/:attachmentId/content', async (ctx) => {
    const { address, requestId } = ctx.state;
    const caller = await authenticate(bearerToken(ctx.get('authorization')));
    const input = { ...ctx.query, attachmentId: ctx.params['attachmentId'] };
    const context = { address, requestId, caller, socket: null };
    const { url } = (await dispatcher.run('attachment:url', input, context)) as { url: string };
    ctx.set('location', url);
    ctx.body = null;
    ctx.status = 302;
  });
  return router.routes() as unknown as Middleware<HttpState>;
}
