import {
  clientAddress,
  parseInput,
  type SessionVerifier,
  type VerifiedCaller,
} from '@parley/backend-common';
import type { IncomingMessage } from 'node:http';
import { AppError, LIMITS, toAppError } from '@parley/common';
import { handshakeAuth } from '@parley/common/contract';

import type { ConnectionCounts } from './connection-counts.ts';
import type { TransportMetrics } from '../server/metrics.ts';
import type { ClientSocket } from '../server/socket.ts';
import type { Tuning } from '../tuning/tuning.ts';
import { isOriginAllowed, type OriginRules } from './origins.ts';

interface HandshakeDeps {
  readonly verifier: Pick<SessionVerifier, 'verifyHandshake'>;
  readonly connectionsOfUser: ConnectionCounts;
  readonly connectionsOfAddress: ConnectionCounts;
  readonly rules: OriginRules;
  /** Whether the limits on connections hold. */
  readonly limited: boolean;
  readonly tuning: Pick<Tuning, 'releaseHandshake'>;
  readonly metrics: Pick<TransportMetrics, 'handshakes'>;
  readonly onFault: (error: unknown) => void;
}

/** How the error of a refused handshake reaches the client: `connect_error` with this message and `data`. */
interface Refusal extends Error {
  data?: unknown;
}

/** What a client says besides its token, which may have any shape: a wrong one answers like one of nobody. */
const settings = handshakeAuth.omit({ token: true });

/** Connections of one address beyond the limit that are still told why they are refused. */
const TOLD_WHY = 100;

/** Decides who may connect, and as whom. */
export class Handshake {
  readonly #deps: HandshakeDeps;
  #isOpen = true;

  constructor(deps: HandshakeDeps) {
    this.#deps = deps;
  }

  /** Whether new clients are let in. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#isOpen = false;
  }

  /** Whether a request may open a connection at all. A client that is refused here tries again by itself. */
  mayBegin(request: IncomingMessage): boolean {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) this.#deps.metrics.handshakes.inc({ result: refusal });
    return refusal === undefined;
  }

  /** Counts a connection that was opened, also one that never says who it is. */
  count(connection: ClientSocket['conn']): void {
    this.#deps.connectionsOfAddress.enter(this.#addressOf(connection.request), connection);
  }

  /** The connect middleware. A refusal ends the client's attempts: its `data` says whether to try again later. */
  readonly middleware = (socket: ClientSocket, next: (refusal?: Refusal) => void): void => {
    const { metrics, onFault } = this.#deps;
    this.#admit(socket).then(
      () => {
        metrics.handshakes.inc({ result: 'ok' });
        next();
      },
      (thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.cause !== undefined && error.status >= 500) onFault(error.cause);
        metrics.handshakes.inc({ result: error.code });
        next(Object.assign(new Error(error.code), { data: error.toBody() }));
      },
    );
  };

  #refusalOf(request: IncomingMessage): string | undefined {
    const { connectionsOfAddress, limited, rules } = this.#deps;
    if (!this.#isOpen) return 'draining';
    if (!isOriginAllowed(request, rules)) return 'foreign_origin';
    const most = LIMITS.socketsPerAddress + TOLD_WHY;
    const isFull = limited && connectionsOfAddress.of(this.#addressOf(request)) >= most;
    return isFull ? 'limit_reached' : undefined;
  }

  async #admit(socket: ClientSocket): Promise<void> {
    const address = this.#addressOf(socket.request);
    if (this.#deps.limited) this.#requireRoomFor(address);
    const auth: Record<string, unknown> = socket.handshake.auth;
    const caller = await this.#verify(auth['token']);
    const { sync } = parseInput(settings, auth);
    // Whoever has gone meanwhile does not close a second time, so would count for ever.
    if (socket.conn.readyState === 'closed')
      throw new AppError('unavailable', 'The client has gone');
    this.#enter(socket, caller);
    socket.data = { caller, address, mode: sync ?? 'plain' };
    this.#deps.tuning.releaseHandshake(socket);
  }

  /** Address of the client behind the proxies that are trusted. */
  #addressOf(request: IncomingMessage): string {
    const forwarded = request.headers['x-forwarded-for'];
    return clientAddress(
      request.socket.remoteAddress ?? '',
      typeof forwarded === 'string' ? forwarded : '',
      this.#deps.rules.trustedProxies,
    );
  }

  #requireRoomFor(address: string): void {
    if (this.#deps.connectionsOfAddress.of(address) <= LIMITS.socketsPerAddress) return;
    throw new AppError('limit_reached', 'Too many connections from this address');
  }

  async #verify(token: unknown): Promise<VerifiedCaller> {
    const isToken = typeof token === 'string' && token.length <= 2_048;
    try {
      return await this.#deps.verifier.verifyHandshake(isToken ? token : undefined);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      // The session may be as good as ever: the client must not forget it.
      throw new AppError('unavailable', 'Sessions cannot be looked up now', { cause });
    }
  }

  /** Counts the connection at once, so that many handshakes at the same time cannot all find room. */
  #enter(socket: ClientSocket, { userId }: VerifiedCaller): void {
    const { connectionsOfUser, limited } = this.#deps;
    if (limited && connectionsOfUser.of(userId) >= LIMITS.socketsPerUser) {
      throw new AppError('limit_reached', `At most ${LIMITS.socketsPerUser} connections at once`);
    }
    connectionsOfUser.enter(userId, socket.conn);
  }
}
