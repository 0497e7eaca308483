import Router from '@koa/router';
import { AppError } from '@parley/common';
import type { Operation, OperationTable } from '@parley/common/contract';
import type { Middleware, ParameterizedContext } from 'koa';

import type { Dispatcher } from '../operations/dispatcher.ts';
import type { PublicContext, RequestContext } from '../operations/request-context.ts';
import { overdueError, REQUEST_PATIENCE } from '../operations/request-deadline.ts';
import type { Caller } from '../sessions/session-verifier.ts';
import type { HttpState } from './create-http-app.ts';
import { mergeInput, queryConverter } from './query.ts';

interface OperationRouterDeps<Table extends OperationTable, Context extends RequestContext> {
  readonly dispatcher: Dispatcher<Table, Context>;
  readonly authenticate: (bearer: string | undefined) => Promise<Caller>;
  /** Adds to a request what handlers of this service need. */
  readonly toContext: (base: RequestContext) => Context;
  /** Milliseconds after which a request is answered `unavailable` although it is still in progress; default 15.5 s. */
  readonly patience?: number;
}

type OperationRequest = ParameterizedContext<HttpState> & { params: Record<string, string> };

/** Serves every operation that has an HTTP binding. */
export function operationRouter<Table extends OperationTable, Context extends RequestContext>(
  deps: OperationRouterDeps<Table, Context>,
): Middleware<HttpState> {
  const router = new Router<HttpState>({ sensitive: true, strict: true });
  const methods = new Map<string, string[]>();
  for (const operation of deps.dispatcher.operations.values()) {
    if (operation.http === undefined) continue;
    const { method, path } = operation.http;
    methods.set(path, [...(methods.get(path) ?? []), method]);
    router.register(path, [method.toLowerCase()], handle(deps, operation));
  }
  for (const [path, allowed] of methods) router.all(path, refuseMethod(allowed));
  return router.routes() as unknown as Middleware<HttpState>;
}

function handle<Table extends OperationTable, Context extends RequestContext>(
  deps: OperationRouterDeps<Table, Context>,
  operation: Operation,
) {
  const convert = queryConverter(operation.input);
  const inTime = <Result>(work: Promise<Result>) => within(deps.patience ?? REQUEST_PATIENCE, work);
  const contextOf = async (ctx: OperationRequest): Promise<Context | PublicContext> => {
    const { address, requestId } = ctx.state;
    const base: PublicContext = { address, requestId };
    if (operation.public === true) return base;
    const caller = await deps.authenticate(bearerToken(ctx.get('authorization')));
    return deps.toContext({ ...base, caller });
  };
  const run = (ctx: OperationRequest, context: Context | PublicContext): Promise<unknown> => {
    const input = mergeInput(convert(ctx.params), convert(singleQuery(ctx.query)), jsonBody(ctx));
    return deps.dispatcher.run(operation.name, input, context);
  };
  return async (ctx: OperationRequest) => {
    const output =
      operation.longRunning === true
        ? await run(ctx, await inTime(contextOf(ctx)))
        : await inTime(contextOf(ctx).then((context) => run(ctx, context)));
    if (isEmpty(output)) {
      ctx.status = 204;
      return;
    }
    ctx.status = operation.http?.status ?? 200;
    ctx.body = output;
  };
}

/** The request continues: a repeat with the same key gets its result. */
async function within<Result>(patience: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(overdueError()), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The token of `Authorization: Bearer …`, or `undefined`. */
export function bearerToken(header: string): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]{1,2048})$/i.exec(header)?.[1];
}

function singleQuery(
  query: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const single: [string, string][] = [];
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string')
      throw new AppError('invalid_input', `${name} is given more than once`);
    single.push([name, value]);
  }
  return Object.fromEntries(single);
}

function jsonBody(ctx: ParameterizedContext<HttpState>): Record<string, unknown> {
  const body = (ctx.request as { body?: unknown }).body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AppError('invalid_input', 'The body must be a JSON object');
  }
  return body as Record<string, unknown>;
}

function refuseMethod(allowed: readonly string[]) {
  return (ctx: ParameterizedContext<HttpState>) => {
    ctx.set('allow', allowed.join(', '));
    throw new AppError('method_not_allowed', `Use ${allowed.join(' or ')}`);
  };
}

function isEmpty(output: unknown): boolean {
  return typeof output === 'object' && output !== null && Object.keys(output).length === 0;
}
