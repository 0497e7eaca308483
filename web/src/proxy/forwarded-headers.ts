import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Facts about a request that the service behind cannot see itself. */
export interface ForwardedFacts {
  /** The client's address. */
  readonly address: string;
  readonly secure: boolean;
  readonly requestId: string;
}

/**
 * The headers of a client that the services behind read or log. All others are dropped: a service would have to parse
 * whatever a client sends, and a client could forge headers that only this service may set.
 */
const FORWARDED = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'access-control-request-headers',
  'access-control-request-method',
  'authorization',
  'content-encoding',
  'content-type',
  'host',
  'if-none-match',
  'origin',
  'range',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-version',
  'traceparent',
  'tracestate',
  'user-agent',
]);

/**
 * The headers that a service receives: those of the client that it needs, `Host` and `Origin` included, without cookies.
 * `x-forwarded-for` is the one verified address of the client, never a list that a client has sent.
 */
export function forwardedHeaders(
  request: Pick<IncomingMessage, 'headers'>,
  { address, requestId, secure }: ForwardedFacts,
): Record<string, string | string[]> {
  const hopByHop = connectionOptions(request.headers.connection ?? '');
  const kept = Object.entries(request.headers).filter(
    (header): header is [string, string | string[]] =>
      header[1] !== undefined && FORWARDED.has(header[0]) && !hopByHop.has(header[0]),
  );
  return {
    ...Object.fromEntries(kept),
    'x-forwarded-for': address,
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-proto': secure ? 'https' : 'http',
    'x-request-id': requestId,
  };
}

/**
 * The header names that a `Connection` header lists, in lower case. Splits at commas and trims each part, which takes
 * linear time; a regular expression such as `\s*,\s*` takes quadratic time on a long run of blanks.
 */
export function connectionOptions(connection: string): ReadonlySet<string> {
  return new Set(connection.split(',').map((option) => option.trim().toLowerCase()));
}

const ANSWER_DROPPED = new Set(['connection', 'keep-alive', 'set-cookie', 'transfer-encoding']);

/** Whether a header of a service's answer reaches the client. */
export function isPassedBack(name: string): boolean {
  return !ANSWER_DROPPED.has(name);
}

/** The one value of a header, or the empty string. */
export function single(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
