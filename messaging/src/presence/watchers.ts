import type { Presence } from '@parley/common/contract';

/** A connection that can be told of presences. */
export interface WatchingSocket {
  readonly connected: boolean;
  readonly data: { readonly caller: { readonly userId: string } };
  emit(event: 'presence', presence: Presence): unknown;
}

/** What is kept of one person who is watched here. */
interface Watched {
  readonly sockets: Set<WatchingSocket>;
  /** Sockets of people who know the person, and so were shown what was told. */
  readonly shown: Set<WatchingSocket>;
  /** What they were told last. */
  told: Presence | undefined;
}

/** Which sockets of this node watch whom. */
export class Watchers {
  readonly #people = new Map<string, Watched>();
  readonly #bySocket = new Map<WatchingSocket, Set<string>>();

  add(socket: WatchingSocket, userIds: readonly string[]): void {
    const own = this.#bySocket.get(socket) ?? new Set();
    this.#bySocket.set(socket, own);
    for (const userId of userIds) {
      own.add(userId);
      const watched = this.#people.get(userId) ?? {
        sockets: new Set(),
        shown: new Set(),
        told: undefined,
      };
      this.#people.set(userId, watched);
      watched.sockets.add(socket);
    }
  }

  remove(socket: WatchingSocket, userIds: readonly string[]): void {
    const own = this.#bySocket.get(socket);
    for (const userId of userIds) {
      own?.delete(userId);
      const watched = this.#people.get(userId);
      watched?.sockets.delete(socket);
      watched?.shown.delete(socket);
      if (watched?.sockets.size === 0) this.#people.delete(userId);
    }
    if (own?.size === 0) this.#bySocket.delete(socket);
  }

  forget(socket: WatchingSocket): void {
    this.remove(socket, [...(this.#bySocket.get(socket) ?? [])]);
  }

  /** How many people a socket would watch with these. */
  countWith(socket: WatchingSocket, userIds: readonly string[]): number {
    return new Set([...(this.#bySocket.get(socket) ?? []), ...userIds]).size;
  }

  of(userId: string): readonly WatchingSocket[] {
    return [...(this.#people.get(userId)?.sockets ?? [])];
  }

  has(userId: string): boolean {
    return this.#people.has(userId);
  }

  /** People who are watched here. */
  watched(): readonly string[] {
    return [...this.#people.keys()];
  }

  /** Notes that a socket is shown a person, or not any more; answers whether it was before. */
  show(socket: WatchingSocket, userId: string, isShown: boolean): boolean {
    const watched = this.#people.get(userId);
    if (watched?.sockets.has(socket) !== true) return false;
    const before = watched.shown.has(socket);
    if (isShown) watched.shown.add(socket);
    else watched.shown.delete(socket);
    return before;
  }

  told(userId: string): Presence | undefined {
    return this.#people.get(userId)?.told;
  }

  /** Notes what is told of a person. */
  note(presence: Presence): void {
    const watched = this.#people.get(presence.userId);
    if (watched !== undefined) watched.told = presence;
  }
}

/** Whether somebody who was told `before` has to be told `after`. */
export function isNews(before: Presence, after: Presence): boolean {
  if (before.online !== after.online) return true;
  // Whoever is there is seen anew at every moment.
  return after.online !== true && before.lastSeenAt !== after.lastSeenAt;
}
