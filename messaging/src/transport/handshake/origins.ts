import type { IncomingHttpHeaders } from 'node:http';
import { isOwnPage, isTrustedProxy } from '@parley/backend-common';

/** Decides which web pages may open a socket. */
export interface OriginRules {
  /** Other web origins that may connect, compared exactly. */
  readonly origins: readonly string[];
  /** The product's own web origin, where a proxy hides it. */
  readonly publicOrigin: string | undefined;
  /** Addresses of proxies whose `x-forwarded-host` is trusted. */
  readonly trustedProxies: readonly string[];
}

/** The part of a request that the decision depends on. */
export interface OriginRequest {
  readonly headers: Pick<IncomingHttpHeaders, 'origin' | 'host'> & {
    readonly 'x-forwarded-host'?: string | string[] | undefined;
    readonly 'x-forwarded-proto'?: string | string[] | undefined;
  };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Whether the `Origin` of a request is allowed. Apps and servers send none. The origin of a web page must be listed, or
 * have the host that it connects to, and on https not be one of plain http. The `cors` option of Socket.IO does not protect WebSockets.
 */
export function isOriginAllowed(request: OriginRequest, rules: OriginRules): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (origin === rules.publicOrigin || rules.origins.includes(origin)) return true;
  return isOwnPage(origin, ownHost(request, rules), { request, rules });
}

function ownHost(request: OriginRequest, { trustedProxies }: OriginRules): string | undefined {
  const remote = request.socket.remoteAddress ?? '';
  const forwarded = request.headers['x-forwarded-host'];
  return typeof forwarded === 'string' && isTrustedProxy(remote, trustedProxies)
    ? forwarded
    : request.headers.host;
}
