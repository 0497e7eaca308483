import type { IncomingHttpHeaders } from 'node:http';
import { isTrustedProxy } from '@parley/backend-common';

/** Which web pages may open a socket. */
export interface OriginRules {
  /** Other web origins that may, exactly. */
  readonly origins: readonly string[];
  /** Our own web origin, where a proxy hides it. */
  readonly publicOrigin: string | undefined;
  /** Addresses of proxies whose `x-forwarded-host` is believed. */
  readonly trustedProxies: readonly string[];
}

/** The part of a request that the decision needs. */
export interface OriginRequest {
  readonly headers: Pick<IncomingHttpHeaders, 'origin' | 'host'> & {
    readonly 'x-forwarded-host'?: string | string[] | undefined;
  };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Whether a request may come from where it says. Apps and servers send no Origin; a page's must be listed, or be the
 * very host it speaks to. (`cors` of Socket.IO does not guard the WebSocket.)
 */
export function isOriginAllowed(request: OriginRequest, rules: OriginRules): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  if (origin === rules.publicOrigin || rules.origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { host, protocol } = new URL(origin);
  return host !== '' && host === hostOf(`${protocol}//${ownHost(request, rules) ?? ''}`);
}

function ownHost(request: OriginRequest, { trustedProxies }: OriginRules): string | undefined {
  const remote = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const forwarded = request.headers['x-forwarded-host'];
  return typeof forwarded === 'string' && isTrustedProxy(remote, trustedProxies)
    ? forwarded
    : request.headers.host;
}

/** The host of a URL as browsers write it, without the port that the scheme implies. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
