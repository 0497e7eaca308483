import type { HttpState } from '@parley/backend-common';
import type { ParameterizedContext } from 'koa';

import { forwardedHeaders, isPassedBack } from './forwarded-headers.ts';
import type { OwnOrigin } from './own-origin.ts';
import type { UpstreamAnswer } from './upstream-answer.ts';
import type { Upstream } from './upstream.ts';

/** How a relayed request differs from the client's request. */
export interface RelayOptions {
  /** Path and query at the service. */
  readonly path: string;
  readonly method?: string;
  readonly body?: Buffer | undefined;
  /** Headers that replace those of the client; `undefined` removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** The service counts as unavailable if it sends nothing for this many milliseconds. */
  readonly patience?: number;
}

/** Sends requests to the services and their answers back to clients. */
export class Relay {
  readonly #own: OwnOrigin;

  constructor(deps: { own: OwnOrigin }) {
    this.#own = deps.own;
  }

  /** Sends a request on behalf of the client of `ctx`. @throws AppError `unavailable` if the service does not answer */
  async ask(
    ctx: ParameterizedContext<HttpState>,
    upstream: Upstream,
    options: RelayOptions,
  ): Promise<UpstreamAnswer> {
    const { address, requestId } = ctx.state;
    const facts = { address, requestId, secure: this.#own.isSecure(ctx.req) };
    const headers = { ...forwardedHeaders(ctx.req, facts), ...options.headers };
    const clientGone = new AbortController();
    const abort = () => clientGone.abort();
    ctx.res.once('close', abort);
    try {
      return await upstream.send({
        method: options.method ?? ctx.method,
        path: options.path,
        headers: withoutUndefined(headers),
        signal: clientGone.signal,
        ...(options.body === undefined ? {} : { body: options.body }),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
    } finally {
      ctx.res.off('close', abort);
    }
  }

  /** Sends the response of a service to the client. `keeps` selects the headers to copy. */
  pass(
    ctx: ParameterizedContext,
    answer: UpstreamAnswer,
    keeps: (header: string) => boolean = () => true,
  ): void {
    ctx.status = answer.status;
    for (const [name, value] of answer.headers) {
      if (isPassedBack(name) && keeps(name)) ctx.set(name, value);
    }
    if (answer.body === null) {
      ctx.body = null;
      return;
    }
    ctx.body = answer.body;
    if (!answer.headers.has('content-type')) ctx.remove('content-type');
  }

  /** Like `pass`, without CORS headers: other origins must not read responses to requests with cookies. */
  passPrivate(ctx: ParameterizedContext, answer: UpstreamAnswer): void {
    this.pass(ctx, answer, (header) => !header.startsWith('access-control-'));
  }
}

function withoutUndefined(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const present = Object.entries(headers).filter(
    (header): header is [string, string | string[]] => header[1] !== undefined,
  );
  return Object.fromEntries(present);
}
