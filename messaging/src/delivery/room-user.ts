import { LIMITS } from '@parley/common';

import type { DeliverySocket } from './delivery-socket.ts';

/** The last comparison of a plain session with the deliveries of its user. */
export interface ComparedSession {
  /** The count of changes of deliveries at that time. */
  readonly changes: number;
  /** Conversations of which the session had not acknowledged everything then. It had in all others. */
  readonly behind: Set<string>;
}

/** Which rooms a socket is in. */
export interface Place {
  readonly socket: DeliverySocket;
  /** Whether the socket is in the rooms of all conversations of its user, or of none. */
  isInAll: boolean;
  /** The exceptions: conversations for which the opposite is true. Absent for most sockets, which saves a set for each. */
  different: Set<string> | undefined;
}

const NONE: ReadonlySet<string> = new Set();

/** A user with a socket on this node, or who had one lately: its conversations, and the rooms that each socket is in. */
export class RoomUser {
  readonly userId: string;
  /** Spreads comparisons of many users over time. */
  readonly slot: number;
  /** Absent until the user belongs to a conversation. */
  #conversations: Set<string> | undefined;
  /** One for each socket; hardly any user has more than three. */
  readonly #places: Place[] = [];
  /** Whether {@link conversations} are all that the user belongs to. */
  isComplete = false;
  /** The number of the last event that made {@link isComplete} false; a new user has one of its own. */
  invalidation: number;
  /** Absent until a plain session is compared: most users have none. */
  #sessions: Map<string, ComparedSession> | undefined;

  constructor(fields: { readonly userId: string; slot: number; invalidation: number }) {
    this.userId = fields.userId;
    this.slot = fields.slot;
    this.invalidation = fields.invalidation;
  }

  /** The known conversations. */
  get conversations(): ReadonlySet<string> {
    return this.#conversations ?? NONE;
  }

  /** The sockets of the user, and where each is. */
  get places(): readonly Place[] {
    return this.#places;
  }

  get hasSockets(): boolean {
    return this.#places.length > 0;
  }

  /** Registers a socket, which is in no room yet. */
  attach(socket: DeliverySocket): void {
    this.#places.push({ socket, isInAll: false, different: undefined });
  }

  /** Takes a socket out of all rooms. Returns whether it was registered. */
  detach(socket: DeliverySocket): boolean {
    const index = this.#places.findIndex((place) => place.socket === socket);
    if (index >= 0) this.#places.splice(index, 1);
    return index >= 0;
  }

  has(socket: DeliverySocket): boolean {
    return this.#placeOf(socket) !== undefined;
  }

  /** Adds a conversation. No socket is in its room yet. Returns whether it is new. */
  add(conversationId: string): boolean {
    if (this.conversations.has(conversationId)) return false;
    (this.#conversations ??= new Set()).add(conversationId);
    for (const place of this.#places) {
      if (place.isInAll) except(place, conversationId);
    }
    for (const { behind } of this.#sessions?.values() ?? []) behind.add(conversationId);
    return true;
  }

  /** Removes a conversation. All sockets leave its room. Returns whether it was there. */
  forget(conversationId: string): boolean {
    if (this.#conversations?.delete(conversationId) !== true) return false;
    for (const { different } of this.#places) different?.delete(conversationId);
    for (const { behind } of this.#sessions?.values() ?? []) behind.delete(conversationId);
    return true;
  }

  /** Puts a socket into the rooms of all conversations, except those in `exceptions` that it is not in yet. */
  enterAll(socket: DeliverySocket, exceptions: Iterable<string>): void {
    const place = this.#placeOf(socket);
    if (place === undefined || place.isInAll) return;
    const outside = [...exceptions].filter((id) => place.different?.has(id) !== true);
    place.different = undefined;
    place.isInAll = true;
    for (const id of outside) if (this.conversations.has(id)) except(place, id);
  }

  /** Puts a socket into the room of a conversation that was added. */
  enter(socket: DeliverySocket, conversationId: string): void {
    const place = this.#placeOf(socket);
    if (place?.isInAll === true) place.different?.delete(conversationId);
    else if (place !== undefined) except(place, conversationId);
  }

  leave(socket: DeliverySocket, conversationId: string): void {
    const place = this.#placeOf(socket);
    if (place?.isInAll === false) place.different?.delete(conversationId);
    else if (place !== undefined && this.conversations.has(conversationId))
      except(place, conversationId);
  }

  isIn(socket: DeliverySocket, conversationId: string): boolean {
    const place = this.#placeOf(socket);
    if (place === undefined || !this.conversations.has(conversationId)) return false;
    return isIn(place, conversationId);
  }

  #placeOf(socket: DeliverySocket): Place | undefined {
    return this.#places.find((place) => place.socket === socket);
  }

  /** The last comparison of a session; `undefined` if it must be compared as a whole. */
  compared(sessionId: string): ComparedSession | undefined {
    return this.#sessions?.get(sessionId);
  }

  /** Records a comparison. Beyond the largest number of sessions of a user, the oldest comparison is dropped. */
  noteCompared(sessionId: string, compared: ComparedSession): void {
    const sessions = (this.#sessions ??= new Map());
    sessions.delete(sessionId);
    sessions.set(sessionId, compared);
    for (const oldest of sessions.keys()) {
      if (sessions.size <= LIMITS.sessionsPerUser) return;
      sessions.delete(oldest);
    }
  }
}

/** Whether a socket is in the room of a conversation of its user. */
export function isIn({ different, isInAll }: Place, conversationId: string): boolean {
  return (different?.has(conversationId) === true) !== isInAll;
}

/** Makes a conversation an exception. */
function except(place: Place, conversationId: string): void {
  (place.different ??= new Set()).add(conversationId);
}
