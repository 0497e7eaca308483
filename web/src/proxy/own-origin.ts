import type { IncomingMessage } from 'node:http';
import { isOwnPage, isSecureRequest, requestAddress } from '@parley/backend-common';

interface OwnOriginOptions {
  readonly publicOrigin: string | undefined;
  readonly trustedProxies: readonly string[];
}

/** The origin of this service as clients see it, directly or through a trusted proxy. */
export class OwnOrigin {
  readonly #public: URL | undefined;
  readonly #rules: OwnOriginOptions;

  constructor(rules: OwnOriginOptions) {
    const { publicOrigin } = rules;
    this.#public = publicOrigin === undefined ? undefined : new URL(publicOrigin);
    this.#rules = rules;
  }

  /** Whether the client uses https. */
  isSecure(request: IncomingMessage): boolean {
    return isSecureRequest(request, this.#rules);
  }

  /** Whether an `Origin` header names this service: the public origin, or the host of the request by the same scheme. */
  isOwn(origin: string, request: IncomingMessage): boolean {
    if (origin === this.#public?.origin) return true;
    return isOwnPage(origin, request.headers.host, { request, rules: this.#rules });
  }

  /**
   * The port in the browser's address bar: that of the public origin, else that of the `Host` header. The port that
   * this service listens on may differ where a container or a proxy maps it.
   */
  port(request: IncomingMessage): number {
    const scheme = this.isSecure(request) ? 'https' : 'http';
    const origin = this.#public ?? originOfHost(request.headers.host, scheme);
    if (origin === undefined) return request.socket.localPort ?? 0;
    return Number(origin.port) || (origin.protocol === 'https:' ? 443 : 80);
  }

  /** The address of the client. */
  address(request: IncomingMessage): string {
    return requestAddress(request, this.#rules.trustedProxies);
  }
}

function originOfHost(host: string | undefined, scheme: 'http' | 'https'): URL | undefined {
  if (host === undefined) return undefined;
  const origin = `${scheme}://${host}`;
  return URL.canParse(origin) ? new URL(origin) : undefined;
}
