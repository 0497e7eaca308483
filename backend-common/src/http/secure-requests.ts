import type { IncomingHttpHeaders } from 'node:http';
import { DAY, SECOND } from '@parley/common';

import { isTrustedProxy } from './client-address.ts';

/** What says whether clients use https. */
export interface SecurityRules {
  /** The origin in the browser's address bar, if it is configured; it decides then. */
  readonly publicOrigin?: string | undefined;
  /** Addresses or ranges of proxies whose `x-forwarded-proto` is trusted. */
  readonly trustedProxies: readonly string[];
}

/** The part of a request that the answer depends on. */
export interface SecurityRequest {
  readonly headers: Pick<IncomingHttpHeaders, never> & {
    readonly 'x-forwarded-proto'?: string | string[] | undefined;
  };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** The value of `Strict-Transport-Security`: a year. */
export const STRICT_TRANSPORT = `max-age=${(365 * DAY) / SECOND}`;

/** Whether the client of a request uses https. */
export function isSecureRequest(request: SecurityRequest, rules: SecurityRules): boolean {
  return rules.publicOrigin === undefined
    ? isForwardedAsSecure(request, rules)
    : rules.publicOrigin.startsWith('https:');
}

/**
 * Whether a page of `origin` may be a page of the server that was reached as `host`: the hosts are the same, and the
 * page is not one of plain http, which anybody on the network could have written, where this host is served by https.
 */
export function isOwnPage(
  origin: string,
  host: string | undefined,
  { request, rules }: { readonly request: SecurityRequest; readonly rules: SecurityRules },
): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const own = `${page.protocol}//${host}`;
  // Compared as browsers write it, without the default port of the scheme.
  if (page.host === '' || !URL.canParse(own) || new URL(own).host !== page.host) return false;
  if (page.protocol === 'https:') return true;
  return !isForwardedAsSecure(request, rules) && !isPublicHost(page.hostname, rules);
}

function isForwardedAsSecure(
  { headers, socket }: SecurityRequest,
  { trustedProxies }: SecurityRules,
): boolean {
  const isTrusted = isTrustedProxy(socket.remoteAddress ?? '', trustedProxies);
  return isTrusted && headers['x-forwarded-proto'] === 'https';
}

function isPublicHost(hostname: string, { publicOrigin }: SecurityRules): boolean {
  if (publicOrigin === undefined) return false;
  const own = new URL(publicOrigin);
  return own.protocol === 'https:' && own.hostname === hostname;
}
