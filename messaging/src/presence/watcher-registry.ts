import type { Presence } from '@parley/common/contract';

/** A socket that can receive presence events. */
export interface WatchingSocket {
  readonly connected: boolean;
  readonly data: { readonly caller: { readonly userId: string } };
  emit(event: 'presence', presence: Presence): unknown;
}

/** A user whose presence is watched by sockets of this node. */
interface WatchedUser {
  readonly sockets: Set<WatchingSocket>;
  /** Sockets to which the presence is visible, because their user is a contact. */
  readonly visibleTo: Set<WatchingSocket>;
  /** The presence that was sent last. */
  lastSent: Presence | undefined;
}

/** Records which sockets of this node watch which users, and what was sent to them. */
export class WatcherRegistry {
  readonly #users = new Map<string, WatchedUser>();
  readonly #bySocket = new Map<WatchingSocket, Set<string>>();

  watch(socket: WatchingSocket, userIds: readonly string[]): void {
    const own = this.#bySocket.get(socket) ?? new Set();
    this.#bySocket.set(socket, own);
    for (const userId of userIds) {
      own.add(userId);
      const watched = this.#users.get(userId) ?? {
        sockets: new Set(),
        visibleTo: new Set(),
        lastSent: undefined,
      };
      this.#users.set(userId, watched);
      watched.sockets.add(socket);
    }
  }

  unwatch(socket: WatchingSocket, userIds: readonly string[]): void {
    const own = this.#bySocket.get(socket);
    for (const userId of userIds) {
      own?.delete(userId);
      const watched = this.#users.get(userId);
      watched?.sockets.delete(socket);
      watched?.visibleTo.delete(socket);
      if (watched?.sockets.size === 0) this.#users.delete(userId);
    }
    if (own?.size === 0) this.#bySocket.delete(socket);
  }

  /** Ends everything that a socket watches. */
  removeSocket(socket: WatchingSocket): void {
    this.unwatch(socket, [...(this.#bySocket.get(socket) ?? [])]);
  }

  /** The number of users that a socket would watch after watching `userIds` too. */
  countWith(socket: WatchingSocket, userIds: readonly string[]): number {
    return new Set([...(this.#bySocket.get(socket) ?? []), ...userIds]).size;
  }

  socketsOf(userId: string): readonly WatchingSocket[] {
    return [...(this.#users.get(userId)?.sockets ?? [])];
  }

  isWatched(userId: string): boolean {
    return this.#users.has(userId);
  }

  watchedUserIds(): readonly string[] {
    return [...this.#users.keys()];
  }

  /** Sets whether the presence of a user is visible to a socket. Returns whether it was visible before. */
  setVisible(socket: WatchingSocket, userId: string, isVisible: boolean): boolean {
    const watched = this.#users.get(userId);
    if (watched?.sockets.has(socket) !== true) return false;
    const wasVisible = watched.visibleTo.has(socket);
    if (isVisible) watched.visibleTo.add(socket);
    else watched.visibleTo.delete(socket);
    return wasVisible;
  }

  /** The presence of a user that was sent last; `undefined` if none was sent or nobody watches. */
  lastSent(userId: string): Presence | undefined {
    return this.#users.get(userId)?.lastSent;
  }

  /**
   * When a user who is watched and offline was last seen; `null` if that is not known. If the user has been online since,
   * its watchers are sent the change, like this one.
   */
  lastSeen(userId: string): number | null {
    const lastSent = this.lastSent(userId);
    return lastSent?.online === false ? lastSent.lastSeenAt : null;
  }

  /** Records the presence that is sent to the watchers of a user. */
  setLastSent(presence: Presence): void {
    const watched = this.#users.get(presence.userId);
    if (watched !== undefined) watched.lastSent = presence;
  }
}

/** Whether watchers who received `before` must receive `after`. */
export function hasChanged(before: Presence, after: Presence): boolean {
  if (before.online !== after.online) return true;
  // While a user is online, `lastSeenAt` is the current time, so that a difference means nothing.
  return after.online !== true && before.lastSeenAt !== after.lastSeenAt;
}
