import { LIMITS } from '@parley/common';

import { KeptUsers } from './kept-users.ts';
import type { DeliverySocket } from './delivery-socket.ts';

/** When a session of plain clients was compared with the deliveries of its user. */
export interface ComparedSession {
  /** The count of changes of deliveries at that time. */
  readonly changes: number;
  /** Conversations of which the session had not acknowledged everything then. It had in all others. */
  readonly behind: Set<string>;
}

/** Where a socket is. */
interface Place {
  /** Whether the socket is in the rooms of all conversations of its user, except some. */
  isInAll: boolean;
  /** The conversations for which the opposite is true. */
  readonly different: Set<string>;
}

interface RoomUser {
  readonly userId: string;
  /** Spreads comparisons of many users over time. */
  readonly slot: number;
  readonly conversations: Set<string>;
  readonly sockets: Map<DeliverySocket, Place>;
  /** Whether {@link conversations} are all that the user belongs to. */
  isComplete: boolean;
  /** The number of the last doubt about that; a new user begins with one. */
  doubt: number;
  readonly sessions: Map<string, ComparedSession>;
}

/**
 * The rooms of this node: which sockets get the live entries of which conversations. They are stored by user, because
 * the sockets of a user are in the same rooms. So a socket enters and leaves all of them without work for each, and who
 * comes back soon finds them as they were left.
 */
export class UserRooms {
  readonly #users = new Map<string, RoomUser>();
  readonly #conversations = new Map<string, Set<RoomUser>>();
  /** Users without a socket. */
  readonly #kept: KeptUsers<RoomUser>;
  #created = 0;
  #doubts = 0;

  /** @param monotonic - monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#kept = new KeptUsers(monotonic);
  }

  /** Memberships of users without a socket. */
  get kept(): number {
    return this.#kept.memberships;
  }

  /** Registers a socket, which is in no room yet. */
  attach(socket: DeliverySocket): void {
    const { userId } = socket.data.caller;
    const user = this.#users.get(userId) ?? {
      ...{ userId, conversations: new Set(), sockets: new Map(), sessions: new Map() },
      ...{ isComplete: false, doubt: (this.#doubts += 1), slot: (this.#created += 1) },
    };
    this.#users.set(userId, user);
    this.#kept.end(user);
    user.sockets.set(socket, { isInAll: false, different: new Set() });
  }

  /** Takes a socket out of all rooms. The rooms of its user are kept for a while. */
  detach(socket: DeliverySocket): void {
    const user = this.#users.get(socket.data.caller.userId);
    if (user?.sockets.delete(socket) !== true || user.sockets.size > 0) return;
    if (!user.isComplete) {
      this.#drop(user);
      return;
    }
    this.#kept.keep(user, user.conversations.size);
    this.expire();
  }

  /** Forgets users who have been away for too long, and those beyond the largest number of memberships. */
  expire(): void {
    for (const user of this.#kept.takeOverdue()) this.#drop(user);
  }

  /** Forgets all users without a socket: what they are members of may have changed unnoticed. */
  forgetKept(): void {
    for (const user of this.#kept.all()) this.#drop(user);
  }

  /** Whether the rooms of a user are known, also without a socket. */
  knows(userId: string): boolean {
    return this.#users.has(userId);
  }

  hasSockets(userId: string): boolean {
    return (this.#users.get(userId)?.sockets.size ?? 0) > 0;
  }

  /** Whether all conversations of a user are known. */
  isComplete(userId: string): boolean {
    return this.#users.get(userId)?.isComplete === true;
  }

  /** Changes when it becomes uncertain to which conversations a user belongs, or the user is forgotten. */
  doubtOf(userId: string): number | undefined {
    return this.#users.get(userId)?.doubt;
  }

  /** The known conversations of a user. Do not change them. */
  conversationsOf(userId: string): ReadonlySet<string> {
    return this.#users.get(userId)?.conversations ?? new Set();
  }

  /** Users with a socket, by default all: those of one of `slices` equal parts. Who comes or goes moves nobody else. */
  connectedUserIds(slice = 0, slices = 1): string[] {
    return [...this.#users.values()].flatMap(({ slot, sockets, userId }) =>
      sockets.size > 0 && slot % slices === slice ? [userId] : [],
    );
  }

  /** The sockets of a user that have entered all rooms. Only these can be compared with the memberships. */
  settledSocketsOf(userId: string): DeliverySocket[] {
    const places = [...(this.#users.get(userId)?.sockets ?? [])];
    return places.flatMap(([socket, { isInAll }]) => (isInAll ? [socket] : []));
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

  /** Removes a conversation that a user has left. */
  forget(userId: string, conversationId: string): void {
    const user = this.#users.get(userId);
    if (user?.conversations.delete(conversationId) !== true) return;
    for (const { different } of user.sockets.values()) different.delete(conversationId);
    for (const { behind } of user.sessions.values()) behind.delete(conversationId);
    this.#removeFrom(conversationId, user);
  }

  /** Records that a user belongs to conversations that are not known: they must be looked up when it comes back. */
  doubtUser(userId: string): void {
    const user = this.#users.get(userId);
    if (user === undefined) return;
    user.isComplete = false;
    user.doubt = this.#doubts += 1;
    if (user.sockets.size === 0) this.#drop(user);
  }

  /** Records that entries of a conversation were skipped, so that its members must be looked up again. */
  doubt(conversationId: string): void {
    for (const { userId } of this.#conversations.get(conversationId) ?? []) this.doubtUser(userId);
  }

  /** Puts a socket into the rooms of all known conversations of its user, but not of those in `except` that it is not in. */
  enterAll(socket: DeliverySocket, except: Iterable<string> = []): void {
    const user = this.#users.get(socket.data.caller.userId);
    const place = user?.sockets.get(socket);
    if (user === undefined || place === undefined || place.isInAll) return;
    const outside = [...except].filter((id) => !place.different.has(id));
    place.different.clear();
    place.isInAll = true;
    for (const id of outside) if (user.conversations.has(id)) place.different.add(id);
  }

  /** Puts a socket into a room. */
  enter(socket: DeliverySocket, conversationId: string): void {
    const user = this.#users.get(socket.data.caller.userId);
    const place = user?.sockets.get(socket);
    if (user === undefined || place === undefined) return;
    this.#add(user, conversationId);
    if (place.isInAll) place.different.delete(conversationId);
    else place.different.add(conversationId);
  }

  leave(socket: DeliverySocket, conversationId: string): void {
    const user = this.#users.get(socket.data.caller.userId);
    const place = user?.sockets.get(socket);
    if (user === undefined || place === undefined) return;
    if (!place.isInAll) place.different.delete(conversationId);
    else if (user.conversations.has(conversationId)) place.different.add(conversationId);
  }

  isIn(socket: DeliverySocket, conversationId: string): boolean {
    const user = this.#users.get(socket.data.caller.userId);
    const place = user?.sockets.get(socket);
    if (place === undefined || user?.conversations.has(conversationId) !== true) return false;
    return place.different.has(conversationId) !== place.isInAll;
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
    for (const { sockets } of users) {
      for (const [socket, { different, isInAll }] of sockets) {
        if (different.has(conversationId) !== isInAll && socket.id !== except) found.push(socket);
      }
    }
    return found;
  }

  /** What is known of a session since its last comparison; `undefined` if it must be compared as a whole. */
  compared(userId: string, sessionId: string): ComparedSession | undefined {
    return this.#users.get(userId)?.sessions.get(sessionId);
  }

  /** Records a comparison. Sessions of ended log-ins give way: a user has few at a time. */
  noteCompared(userId: string, sessionId: string, compared: ComparedSession): void {
    const sessions = this.#users.get(userId)?.sessions;
    if (sessions === undefined) return;
    sessions.delete(sessionId);
    sessions.set(sessionId, compared);
    for (const oldest of sessions.keys()) {
      if (sessions.size <= LIMITS.sessionsPerUser) return;
      sessions.delete(oldest);
    }
  }

  #add(user: RoomUser, conversationId: string): void {
    if (user.conversations.has(conversationId)) return;
    user.conversations.add(conversationId);
    for (const { different, isInAll } of user.sockets.values()) {
      if (isInAll) different.add(conversationId);
    }
    for (const { behind } of user.sessions.values()) behind.add(conversationId);
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
