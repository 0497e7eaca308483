import type { HttpState } from '@parley/backend-common';
import type { ParameterizedContext } from 'koa';

import { forwardedHeaders, isPassedBack } from './forwarded-headers.ts';
import type { OwnOrigin } from './own-origin.ts';
import type { UpstreamAnswer } from './upstream-answer.ts';
import type { Upstream } from './upstream.ts';

/** The differences between a relayed request and the one of the client. */
export interface RelayOptions {
  /** Path and query at the service. */
  readonly path: string;
  readonly method?: string;
  readonly body?: Buffer | undefined;
  /** Headers that replace those of the client; `undefined` removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds without a byte after which the service counts as unavailable. */
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
    const gone = new AbortController();
    const giveUp = () => gone.abort();
    ctx.res.once('close', giveUp);
    try {
      return await upstream.send({
        method: options.method ?? ctx.method,
        path: options.path,
        headers: withoutAbsent(headers),
        signal: gone.signal,
        ...(options.body === undefined ? {} : { body: options.body }),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
    } finally {
      ctx.res.off('close', giveUp);
    }
  }

  /** Answers the client with the answer of a service; `keeps` selects the headers that may pass. */
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

  /** The same for the cookie side, whose answers other origins may not read. */
  passPrivate(ctx: ParameterizedContext, answer: UpstreamAnswer): void {
    this.pass(ctx, answer, (header) => !header.startsWith('access-control-'));
  }
}

function withoutAbsent(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const present = Object.entries(headers).filter(
    (header): header is [string, string | string[]] => header[1] !== undefined,
  );
  return Object.fromEntries(present);
}
