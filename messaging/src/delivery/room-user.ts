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
/** Conversations that a user has left and that are remembered. Beyond it, all are forgotten. */
const LEFT_AT_MOST = 500;

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
  /** Conversations that the user has left, with the count of changes of deliveries at that time. Absent until it has left one. */
  #left: Map<string, number> | undefined;
  /** The conversations that were left up to this count of changes are not remembered. */
  #leftForgotten = 0;

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
    this.#left?.delete(conversationId);
    for (const place of this.#places) {
      if (place.isInAll) except(place, conversationId);
    }
    for (const { behind } of this.#sessions?.values() ?? []) behind.add(conversationId);
    return true;
  }

  /**
   * Removes a conversation. All sockets leave its room. Returns whether it was there.
   *
   * @param change - a new count of changes of deliveries
   */
  forget(conversationId: string, change: number): boolean {
    if (this.#conversations?.delete(conversationId) !== true) return false;
    const left = (this.#left ??= new Map());
    if (left.size >= LEFT_AT_MOST) {
      left.clear();
      this.#leftForgotten = change;
    }
    left.set(conversationId, change);
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

  /** The conversations that were left after a count of changes; `undefined` if they are not remembered. */
  leftSince(change: number): readonly string[] | undefined {
    if (change < this.#leftForgotten) return undefined;
    return [...(this.#left ?? [])].flatMap(([id, leftAt]) => (leftAt > change ? [id] : []));
  }

  /** The conversations whose rooms a socket is not in. */
  outside(socket: DeliverySocket): readonly string[] {
    const place = this.#placeOf(socket);
    if (place?.isInAll === true) return [...(place.different ?? [])];
    return [...this.conversations].filter((id) => place?.different?.has(id) !== true);
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
