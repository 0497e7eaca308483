import type { ClientSocket } from './socket.ts';

/** Called for each socket when it opens and when it closes. */
export interface SocketObserver {
  attach(socket: ClientSocket): void;
  detach(socket: ClientSocket): void;
}

const NONE: readonly ClientSocket[] = [];

/** The sockets of this node, by user and by session. */
export class SocketRegistry {
  readonly #all = new Set<ClientSocket>();
  readonly #observers: SocketObserver[] = [];
  // Lists are replaced, never changed, so that sockets can be removed during an iteration. `concat` allocates exactly
  // the needed length; a spread reserves more, for every user.
  readonly #byUser = new Map<string, readonly ClientSocket[]>();
  readonly #bySession = new Map<string, readonly ClientSocket[]>();

  /** Calls `observer` for each socket that is announced or removed from now on. */
  subscribe(observer: SocketObserver): void {
    this.#observers.push(observer);
  }

  /** Registers a socket. {@link announce} notifies the observers, after `ready` was sent. */
  add(socket: ClientSocket): void {
    const { sessionId, userId } = socket.data.caller;
    this.#all.add(socket);
    this.#byUser.set(userId, this.ofUser(userId).concat(socket));
    this.#bySession.set(sessionId, this.ofSession(sessionId).concat(socket));
  }

  announce(socket: ClientSocket): void {
    for (const observer of this.#observers) observer.attach(socket);
  }

  remove(socket: ClientSocket): void {
    if (!this.#all.delete(socket)) return;
    const { sessionId, userId } = socket.data.caller;
    takeOut(this.#byUser, userId, socket);
    takeOut(this.#bySession, sessionId, socket);
    for (const observer of this.#observers) observer.detach(socket);
  }

  ofUser(userId: string): readonly ClientSocket[] {
    return this.#byUser.get(userId) ?? NONE;
  }

  ofSession(sessionId: string): readonly ClientSocket[] {
    return this.#bySession.get(sessionId) ?? NONE;
  }

  /** A copy of all sockets of this node. */
  all(): readonly ClientSocket[] {
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

  /** Number of users with a socket on this node. */
  get users(): number {
    return this.#byUser.size;
  }
}

function takeOut(
  lists: Map<string, readonly ClientSocket[]>,
  key: string,
  socket: ClientSocket,
): void {
  const rest = (lists.get(key) ?? NONE).filter((other) => other !== socket);
  if (rest.length === 0) lists.delete(key);
  else lists.set(key, rest);
}
