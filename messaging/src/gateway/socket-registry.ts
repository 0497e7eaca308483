import type { GatewaySocket } from './gateway-socket.ts';

const NONE: readonly GatewaySocket[] = [];

/** The sockets of this node, by person and by session. */
export class SocketRegistry {
  readonly #all = new Set<GatewaySocket>();
  // Lists are replaced, never changed: whoever walks one may close its sockets meanwhile. `concat` makes them no longer
  // than they are; a spread leaves room for more, which most never get.
  readonly #byUser = new Map<string, readonly GatewaySocket[]>();
  readonly #bySession = new Map<string, readonly GatewaySocket[]>();

  add(socket: GatewaySocket): void {
    const { sessionId, userId } = socket.data.caller;
    this.#all.add(socket);
    this.#byUser.set(userId, this.ofUser(userId).concat(socket));
    this.#bySession.set(sessionId, this.ofSession(sessionId).concat(socket));
  }

  remove(socket: GatewaySocket): void {
    if (!this.#all.delete(socket)) return;
    const { sessionId, userId } = socket.data.caller;
    takeOut(this.#byUser, userId, socket);
    takeOut(this.#bySession, sessionId, socket);
  }

  ofUser(userId: string): readonly GatewaySocket[] {
    return this.#byUser.get(userId) ?? NONE;
  }

  ofSession(sessionId: string): readonly GatewaySocket[] {
    return this.#bySession.get(sessionId) ?? NONE;
  }

  /** Every socket of this node, as of now. */
  all(): readonly GatewaySocket[] {
    return [...this.#all];
  }

  userIds(): readonly string[] {
    return [...this.#byUser.keys()];
  }

  sessionIds(): readonly string[] {
    return [...this.#bySession.keys()];
  }

  /** Number of sockets. */
  get size(): number {
    return this.#all.size;
  }

  /** Number of people with a socket here. */
  get users(): number {
    return this.#byUser.size;
  }
}

function takeOut(
  lists: Map<string, readonly GatewaySocket[]>,
  key: string,
  socket: GatewaySocket,
): void {
  const rest = (lists.get(key) ?? NONE).filter((other) => other !== socket);
  if (rest.length === 0) lists.delete(key);
  else lists.set(key, rest);
}
