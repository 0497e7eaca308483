import {
  clientAddress,
  parseInput,
  type SessionVerifier,
  type VerifiedCaller,
} from '@parley/backend-common';
import { AppError, LIMITS, toAppError } from '@parley/common';
import { handshakeAuth } from '@parley/common/contract';

import type { ConnectionCounts } from './connection-counts.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { GatewaySocket } from './gateway-socket.ts';

interface HandshakeDeps {
  readonly verifier: Pick<SessionVerifier, 'verifyHandshake'>;
  readonly connectionsOfUser: ConnectionCounts;
  readonly connectionsOfAddress: ConnectionCounts;
  readonly trustedProxies: readonly string[];
  /** Whether the limits on connections hold. */
  readonly limited: boolean;
  readonly metrics: Pick<GatewayMetrics, 'handshakes'>;
  readonly onFault: (error: unknown) => void;
}

/** How the error of a refused handshake reaches the client: `connect_error` with this message and `data`. */
interface Refusal extends Error {
  data?: unknown;
}

/** A token of another shape is no token of ours; it answers like a wrong one. */
const settings = handshakeAuth.omit({ token: true });

/** Decides who may connect, and as whom. */
export class Handshake {
  readonly #deps: HandshakeDeps;

  constructor(deps: HandshakeDeps) {
    this.#deps = deps;
  }

  /** The connect middleware. A refusal ends the client's attempts: its `data` says whether to try again later. */
  readonly middleware = (socket: GatewaySocket, next: (refusal?: Refusal) => void): void => {
    const { metrics, onFault } = this.#deps;
    this.#admit(socket).then(
      () => {
        metrics.handshakes.inc({ result: 'ok' });
        next();
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.code === 'internal') onFault(error.cause);
        metrics.handshakes.inc({ result: error.code });
        next(Object.assign(new Error(error.code), { data: error.toBody() }));
      },
    );
  };

  async #admit(socket: GatewaySocket): Promise<void> {
    const address = this.addressOf(socket.request);
    if (this.#deps.limited) this.#requireRoomFor(address);
    const auth: Record<string, unknown> = socket.handshake.auth;
    const caller = await this.#verify(auth['token']);
    const { sync } = parseInput(settings, auth);
    this.#enter(socket, caller);
    socket.data = { caller, address, mode: sync ?? 'plain' };
  }

  /** Address of the client behind the proxies that are trusted. */
  addressOf(request: GatewaySocket['request']): string {
    const forwarded = request.headers['x-forwarded-for'];
    return clientAddress(
      request.socket.remoteAddress ?? '',
      typeof forwarded === 'string' ? forwarded : '',
      this.#deps.trustedProxies,
    );
  }

  #requireRoomFor(address: string): void {
    if (this.#deps.connectionsOfAddress.of(address) <= LIMITS.socketsPerAddress) return;
    throw new AppError('limit_reached', 'Too many connections from this address');
  }

  #verify(token: unknown): Promise<VerifiedCaller> {
    const isToken = typeof token === 'string' && token.length <= 2_048;
    return this.#deps.verifier.verifyHandshake(isToken ? token : undefined);
  }

  /** Counts the connection at once, so that many handshakes at the same time cannot all find room. */
  #enter(socket: GatewaySocket, { userId }: VerifiedCaller): void {
    const { connectionsOfUser, limited } = this.#deps;
    if (limited && connectionsOfUser.of(userId) >= LIMITS.socketsPerUser) {
      throw new AppError('limit_reached', `At most ${LIMITS.socketsPerUser} connections at once`);
    }
    connectionsOfUser.enter(userId, socket.conn);
  }
}
