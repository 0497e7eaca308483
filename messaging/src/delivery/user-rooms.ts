import { KeptUsers } from './kept-users.ts';
import type { DeliverySocket } from './delivery-socket.ts';
import { RoomUser, isIn, type ComparedSession } from './room-user.ts';

/**
 * The rooms of this node: which sockets get the live entries of which conversations. They are stored by user, because
 * all sockets of a user are in the same rooms. So a socket enters and leaves all of them without work for each room, and
 * a user who reconnects soon finds the rooms as they were.
 */
export class UserRooms {
  readonly #users = new Map<string, RoomUser>();
  readonly #conversations = new Map<string, Set<RoomUser>>();
  /** Users without a socket. */
  readonly #kept: KeptUsers<RoomUser>;
  #created = 0;
  #invalidations = 0;

  /** @param monotonic - monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#kept = new KeptUsers(monotonic);
  }

  /** The number of memberships of users without a socket. */
  get kept(): number {
    return this.#kept.memberships;
  }

  /** Registers a socket, which is in no room yet. */
  attach(socket: DeliverySocket): void {
    const { userId } = socket.data.caller;
    const user = this.#users.get(userId) ?? this.#create(userId);
    this.#kept.end(user);
    user.attach(socket);
  }

  /** Takes a socket out of all rooms. The rooms of its user are kept for a while. */
  detach(socket: DeliverySocket): void {
    const user = this.#users.get(socket.data.caller.userId);
    if (user?.detach(socket) !== true || user.hasSockets) return;
    if (!user.isComplete) {
      this.#drop(user);
      return;
    }
    this.#kept.keep(user, user.conversations.size);
    this.expire();
  }

  /** Forgets users who disconnected too long ago and, while too many memberships are kept, who disconnected first. */
  expire(): void {
    for (const user of this.#kept.takeOverdue()) this.#drop(user);
  }

  /** Forgets all users without a socket. Call it when their memberships may have changed unnoticed. */
  forgetKept(): void {
    for (const user of this.#kept.all()) this.#drop(user);
  }

  /** Whether the rooms of a user are known, also without a socket. */
  knows(userId: string): boolean {
    return this.#users.has(userId);
  }

  hasSockets(userId: string): boolean {
    return this.#users.get(userId)?.hasSockets === true;
  }

  /** Whether all conversations of a user are known. */
  isComplete(userId: string): boolean {
    return this.#users.get(userId)?.isComplete === true;
  }

  /** The number of the last invalidation of a user. It differs from an earlier one if the user was forgotten meanwhile. */
  invalidationOf(userId: string): number | undefined {
    return this.#users.get(userId)?.invalidation;
  }

  /** The known conversations of a user. Do not change them. */
  conversationsOf(userId: string): ReadonlySet<string> {
    return this.#users.get(userId)?.conversations ?? new Set();
  }

  /**
   * The users with a socket in one of `slices` equal parts; all of them by default. A user stays in the same part while
   * others connect and disconnect.
   */
  connectedUserIds(slice = 0, slices = 1): string[] {
    return [...this.#users.values()].flatMap(({ hasSockets, slot, userId }) =>
      hasSockets && slot % slices === slice ? [userId] : [],
    );
  }

  /** The sockets of a user that have entered all rooms. Only these can be compared with the memberships. */
  settledSocketsOf(userId: string): DeliverySocket[] {
    const places = this.#users.get(userId)?.places ?? [];
    return places.flatMap(({ isInAll, socket }) => (isInAll ? [socket] : []));
  }

  /** Adds conversations that a user belongs to. */
  add(userId: string, conversationIds: Iterable<string>): void {
    const user = this.#users.get(userId);
    if (user === undefined) return;
    for (const conversationId of conversationIds) this.#add(user, conversationId);
  }

  /** Records that the known conversations of a user are all that it belongs to. */
  complete(userId: string): void {
    const user = this.#users.get(userId);
    if (user !== undefined) user.isComplete = true;
  }

  /** Removes a conversation that a user has left. @param change - a new count of changes of deliveries */
  forget(userId: string, conversationId: string, change: number): void {
    const user = this.#users.get(userId);
    if (user?.forget(conversationId, change) === true) this.#removeFrom(conversationId, user);
  }

  /** The conversations that a user has left after a count of changes; `undefined` if that is not known. */
  leftSince(userId: string, change: number): readonly string[] | undefined {
    return this.#users.get(userId)?.leftSince(change);
  }

  /** Records that the known conversations of a user may not be all: they must be read again when it reconnects. */
  invalidateUser(userId: string): void {
    const user = this.#users.get(userId);
    if (user === undefined) return;
    user.isComplete = false;
    user.invalidation = this.#invalidations += 1;
    if (!user.hasSockets) this.#drop(user);
  }

  /** Records that entries of a conversation were skipped: the conversations of its members must be read again. */
  invalidateMembers(conversationId: string): void {
    const members = this.#conversations.get(conversationId) ?? [];
    for (const { userId } of members) this.invalidateUser(userId);
  }

  /** Puts a socket into the rooms of all known conversations of its user, except those in `except` that it is not in yet. */
  enterAll(socket: DeliverySocket, except: Iterable<string> = []): void {
    this.#users.get(socket.data.caller.userId)?.enterAll(socket, except);
  }

  /** Puts a socket into a room. */
  enter(socket: DeliverySocket, conversationId: string): void {
    const user = this.#users.get(socket.data.caller.userId);
    if (user?.has(socket) !== true) return;
    this.#add(user, conversationId);
    user.enter(socket, conversationId);
  }

  leave(socket: DeliverySocket, conversationId: string): void {
    this.#users.get(socket.data.caller.userId)?.leave(socket, conversationId);
  }

  isIn(socket: DeliverySocket, conversationId: string): boolean {
    return this.#users.get(socket.data.caller.userId)?.isIn(socket, conversationId) === true;
  }

  /** The known conversations of the user of a socket whose rooms it is not in. */
  outside(socket: DeliverySocket): readonly string[] {
    return this.#users.get(socket.data.caller.userId)?.outside(socket) ?? [];
  }

  /** Whether a conversation has members among the known users, with or without sockets. */
  hasUsers(conversationId: string): boolean {
    return this.#conversations.has(conversationId);
  }

  /** The sockets in a room, without the one with the id `except`. */
  socketsIn(conversationId: string, except?: string): DeliverySocket[] {
    const found: DeliverySocket[] = [];
    const users = this.#conversations.get(conversationId);
    if (users === undefined) return found;
    for (const { places } of users) {
      for (const place of places) {
        if (isIn(place, conversationId) && place.socket.id !== except) found.push(place.socket);
      }
    }
    return found;
  }

  /** The last comparison of a session; `undefined` if it must be compared as a whole. */
  compared(userId: string, sessionId: string): ComparedSession | undefined {
    return this.#users.get(userId)?.compared(sessionId);
  }

  /** Records a comparison of a session of a known user. */
  noteCompared(userId: string, sessionId: string, compared: ComparedSession): void {
    this.#users.get(userId)?.noteCompared(sessionId, compared);
  }

  #create(userId: string): RoomUser {
    this.#created += 1;
    this.#invalidations += 1;
    const user = new RoomUser({ userId, slot: this.#created, invalidation: this.#invalidations });
    this.#users.set(userId, user);
    return user;
  }

  #add(user: RoomUser, conversationId: string): void {
    if (!user.add(conversationId)) return;
    const users = this.#conversations.get(conversationId);
    if (users === undefined) this.#conversations.set(conversationId, new Set([user]));
    else users.add(user);
  }

  #drop(user: RoomUser): void {
    this.#kept.end(user);
    this.#users.delete(user.userId);
    for (const conversationId of user.conversations) this.#removeFrom(conversationId, user);
  }

  #removeFrom(conversationId: string, user: RoomUser): void {
    const users = this.#conversations.get(conversationId);
    users?.delete(user);
    if (users?.size === 0) this.#conversations.delete(conversationId);
  }
}
