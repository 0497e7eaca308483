import {
  addressGroup,
  chargeConnection,
  parseInput,
  requestAddress,
  toServiceError,
  TokenBuckets,
  type SessionVerifier,
  type VerifiedCaller,
} from '@parley/backend-common';
import type { IncomingMessage } from 'node:http';
import { AppError, LIMITS } from '@parley/common';
import { handshakeAuth } from '@parley/common/contract';

import type { ConnectionCounts } from './connection-counts.ts';
import { breakOff, closeSoon, requireOpen } from './break-off.ts';
import type { HandshakeDeadline } from './handshake-deadline.ts';
import type { HandshakePace } from './handshake-pace.ts';
import { PacketLimits } from './packet-limits.ts';
import type { ConnectionsElsewhere } from './shared-connections.ts';
import type { TransportMetrics } from '../server/metrics.ts';
import type { RefusalLimit } from '../server/refusal-limit.ts';
import { TOO_MANY_REFUSALS } from '../server/socket-operations.ts';
import type { ClientSocket } from '../server/socket.ts';
import type { Tuning } from '../tuning/tuning.ts';
import { isOriginAllowed, type OriginRules } from './origins.ts';

interface HandshakeDeps {
  readonly verifier: Pick<SessionVerifier, 'verifyHandshake'>;
  readonly connectionsOfUser: ConnectionCounts;
  readonly connectionsOfAddress: ConnectionCounts;
  readonly elsewhere: ConnectionsElsewhere;
  readonly rules: OriginRules;
  /** Whether connections are limited. */
  readonly limited: boolean;
  /** Sessions that are shut out, because too many of their requests were refused. */
  readonly refusals?: Pick<RefusalLimit, 'remaining'> | undefined;
  readonly tuning: Pick<Tuning, 'releaseHandshake'>;
  readonly metrics: Pick<TransportMetrics, 'handshakes'>;
  readonly onFault: (error: unknown) => void;
  readonly pace: HandshakePace;
  readonly deadline: Pick<HandshakeDeadline, 'watch' | 'admit'>;
}

/** Reaches the client of a refused handshake as `connect_error` with this message and `data`. */
interface Refusal extends Error {
  data?: unknown;
}

/** What a client sends besides its token. The token is checked separately: a malformed one counts as unknown. */
const settings = handshakeAuth.omit({ token: true });

/** Connections of one address beyond the limit that still get an error code; later ones are refused without one. */
const EXPLAINED = 100;

/**
 * The rate at which one address may open connections. The burst lets all clients behind an address reconnect at once
 * after a node has stopped. The rate slows down a client that guesses tokens, which needs a connection for each guess.
 */
const BEGINNINGS = { perSecond: 50, burst: LIMITS.socketsPerAddress + EXPLAINED };

/** A connection that is cut counts as this many new ones of its address: to cut one costs as much as to open it. */
const CUT = 10;

/** Decides who may connect, and as which user. */
export class Handshake {
  readonly #deps: HandshakeDeps;
  readonly #beginnings = new TokenBuckets();
  readonly #packets: PacketLimits;
  #isOpen = true;

  constructor(deps: HandshakeDeps) {
    this.#deps = deps;
    this.#packets = new PacketLimits({
      limited: deps.limited,
      onSecondPacket: (connection) => this.#cut(connection, 'second_packet'),
      onUnknownNamespace: (connection) => this.#refuseNamespace(connection),
      onFlood: (connection) => this.#cut(connection, 'packet_flood'),
    });
  }

  /** Whether new connections are accepted. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Refuses new connections from now on. */
  close(): void {
    this.#isOpen = false;
  }

  /** Whether a request may open a connection. A client that is refused here retries by itself. */
  mayBegin(request: IncomingMessage): boolean {
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) this.countRefusal(refusal);
    return refusal === undefined;
  }

  /** Counts a request that was refused before it opened a connection. */
  countRefusal(result: string): void {
    this.#deps.metrics.handshakes.inc({ result });
  }

  /** Makes the next handshakes of an address wait, because one of its connections was closed for its refused requests. */
  slowDown(address: string): void {
    this.#deps.pace.cut(addressGroup(address));
  }

  /** Counts an open connection, before it is authenticated, and lets it send its CONNECT packet only. */
  count(connection: ClientSocket['conn']): void {
    this.#packets.watch(connection);
    this.#deps.connectionsOfAddress.enter(this.#groupOf(connection.request), connection);
    this.#deps.deadline.watch(connection);
  }

  /** The connect middleware. A client does not retry after a refusal by itself; `data` says whether it should. */
  readonly middleware = (socket: ClientSocket, next: (refusal?: Refusal) => void): void => {
    const { metrics, onFault } = this.#deps;
    this.#admit(socket).then(
      () => {
        metrics.handshakes.inc({ result: 'ok' });
        this.#deps.deadline.admit(socket.conn);
        this.#packets.admit(socket.conn);
        next();
      },
      (thrown: unknown) => {
        const error = toServiceError(thrown);
        if (error.cause !== undefined && error.status >= 500) onFault(error.cause);
        metrics.handshakes.inc({ result: error.code });
        this.#deps.pace.refused(this.#groupOf(socket.request), error.code);
        next(Object.assign(new Error(error.code), { data: error.toBody() }));
        // Socket.IO sends the refusal on the next tick, and would let the client try again on this connection.
        setImmediate(() => closeSoon(socket.conn));
      },
    );
  };

  #refusalOf(request: IncomingMessage): string | undefined {
    const { connectionsOfAddress, limited, rules } = this.#deps;
    if (!this.#isOpen) return 'draining';
    if (!isOriginAllowed(request, rules)) return 'foreign_origin';
    if (!limited) return undefined;
    const group = this.#groupOf(request);
    const most = LIMITS.socketsPerAddress + EXPLAINED;
    if (connectionsOfAddress.of(group) >= most) return 'limit_reached';
    return this.#beginnings.tryTake(group, BEGINNINGS) ? undefined : 'rate_limited';
  }

  async #admit(socket: ClientSocket): Promise<void> {
    const address = this.#addressOf(socket.request);
    const group = addressGroup(address);
    if (this.#deps.limited) this.#requireFreeConnection(group);
    await this.#waitTurn(socket, () => this.#deps.pace.ofAddress(group));
    const auth: Record<string, unknown> = socket.handshake.auth;
    const caller = await this.#verify(auth['token']);
    this.#requireNotShutOut(caller);
    const { sync } = parseInput(settings, auth);
    requireOpen(socket);
    await this.#waitTurn(socket, () => this.#deps.pace.ofUser(caller.userId));
    await this.#countForUser(socket, caller, group);
    requireOpen(socket);
    socket.data = { caller, address, mode: sync ?? 'plain' };
    this.#deps.tuning.releaseHandshake(socket);
  }

  /** Waits for the turn of a handshake. Throws if the client has disconnected by then, so that nothing is looked up for it. */
  async #waitTurn(socket: ClientSocket, turn: () => Promise<unknown> | undefined): Promise<void> {
    const waiting = this.#deps.limited ? turn() : undefined;
    if (waiting === undefined) return;
    await waiting;
    requireOpen(socket);
  }

  /** Closes a connection whose only packet asks for a namespace that does not exist, once Socket.IO has refused it. */
  #refuseNamespace(connection: ClientSocket['conn']): void {
    this.countRefusal('unknown_namespace');
    this.#deps.pace.refused(this.#groupOf(connection.request), 'invalid_input');
    setImmediate(() => closeSoon(connection));
  }

  /** Cuts a connection because of what it has sent. */
  #cut(connection: ClientSocket['conn'], result: 'second_packet' | 'packet_flood'): void {
    if (connection.readyState !== 'open') return;
    this.countRefusal(result);
    this.#slowDown(connection);
    breakOff(connection);
  }

  /** Makes the next connections and handshakes of an address wait, because one of its connections is cut. */
  #slowDown({ request }: ClientSocket['conn']): void {
    chargeConnection(request.socket, CUT);
    this.#deps.pace.cut(this.#groupOf(request));
  }

  #groupOf(request: IncomingMessage): string {
    return addressGroup(this.#addressOf(request));
  }

  #addressOf(request: IncomingMessage): string {
    return requestAddress(request, this.#deps.rules.trustedProxies);
  }

  #requireFreeConnection(group: string, elsewhere = 0): void {
    const here = this.#deps.connectionsOfAddress.of(group);
    if (here + elsewhere <= LIMITS.socketsPerAddress) return;
    throw new AppError('limit_reached', 'Too many connections from this address');
  }

  #requireNotShutOut({ sessionId }: VerifiedCaller): void {
    const retryAfterMs = this.#deps.refusals?.remaining(sessionId) ?? 0;
    if (retryAfterMs > 0) throw new AppError('rate_limited', TOO_MANY_REFUSALS, { retryAfterMs });
  }

  async #verify(token: unknown): Promise<VerifiedCaller> {
    const isToken = typeof token === 'string' && token.length <= 2_048;
    try {
      return await this.#deps.verifier.verifyHandshake(isToken ? token : undefined);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      // The session may still be valid: the client must keep it.
      throw new AppError('unavailable', 'Sessions cannot be looked up now', { cause });
    }
  }

  /** Counts before the other nodes are asked, so that concurrent handshakes cannot pass the limit together. */
  async #countForUser(
    { conn }: ClientSocket,
    { userId }: VerifiedCaller,
    group: string,
  ): Promise<void> {
    const { connectionsOfUser, elsewhere, limited } = this.#deps;
    const leave = connectionsOfUser.enter(userId, conn);
    if (!limited) return;
    try {
      requireFreeForUser(connectionsOfUser.of(userId));
      const others = await elsewhere.of(userId, group);
      requireFreeForUser(connectionsOfUser.of(userId) + others.user);
      this.#requireFreeConnection(group, others.address);
    } catch (error) {
      leave();
      throw error;
    }
  }
}

/** @param connections - of a user, the new one included */
function requireFreeForUser(connections: number): void {
  if (connections <= LIMITS.socketsPerUser) return;
  throw new AppError('limit_reached', `A user has at most ${LIMITS.socketsPerUser} connections`);
}
