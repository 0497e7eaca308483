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
interface Place {
  readonly socket: DeliverySocket;
  /** Whether the socket is in the rooms of all conversations of its user, or of none. */
  isInAll: boolean;
  /** The exceptions: conversations for which the opposite is true. */
  readonly different: Set<string>;
}

/** A user with a socket on this node, or who had one lately: its conversations, and the rooms that each socket is in. */
export class RoomUser {
  readonly userId: string;
  /** Spreads comparisons of many users over time. */
  readonly slot: number;
  readonly conversations = new Set<string>();
  readonly sockets = new Map<DeliverySocket, Place>();
  /** Whether {@link conversations} are all that the user belongs to. */
  isComplete = false;
  /** The number of the last event that made {@link isComplete} false; a new user has one of its own. */
  invalidation: number;
  readonly #sessions = new Map<string, ComparedSession>();

  constructor(fields: { readonly userId: string; slot: number; invalidation: number }) {
    this.userId = fields.userId;
    this.slot = fields.slot;
    this.invalidation = fields.invalidation;
  }

  /** Registers a socket, which is in no room yet. */
  attach(socket: DeliverySocket): void {
    this.sockets.set(socket, { socket, isInAll: false, different: new Set() });
  }

  /** Adds a conversation. No socket is in its room yet. Returns whether it is new. */
  add(conversationId: string): boolean {
    if (this.conversations.has(conversationId)) return false;
    this.conversations.add(conversationId);
    for (const { different, isInAll } of this.sockets.values()) {
      if (isInAll) different.add(conversationId);
    }
    for (const { behind } of this.#sessions.values()) behind.add(conversationId);
    return true;
  }

  /** Removes a conversation. All sockets leave its room. Returns whether it was there. */
  forget(conversationId: string): boolean {
    if (!this.conversations.delete(conversationId)) return false;
    for (const { different } of this.sockets.values()) different.delete(conversationId);
    for (const { behind } of this.#sessions.values()) behind.delete(conversationId);
    return true;
  }

  /** Puts a socket into the rooms of all conversations, but not of those in `except` that it is not in. */
  enterAll(socket: DeliverySocket, except: Iterable<string>): void {
    const place = this.sockets.get(socket);
    if (place === undefined || place.isInAll) return;
    const outside = [...except].filter((id) => !place.different.has(id));
    place.different.clear();
    place.isInAll = true;
    for (const id of outside) if (this.conversations.has(id)) place.different.add(id);
  }

  /** Puts a socket into the room of a conversation that was added. */
  enter(socket: DeliverySocket, conversationId: string): void {
    const place = this.sockets.get(socket);
    if (place?.isInAll === true) place.different.delete(conversationId);
    else place?.different.add(conversationId);
  }

  leave(socket: DeliverySocket, conversationId: string): void {
    const place = this.sockets.get(socket);
    if (place?.isInAll === false) place.different.delete(conversationId);
    else if (this.conversations.has(conversationId)) place?.different.add(conversationId);
  }

  isIn(socket: DeliverySocket, conversationId: string): boolean {
    const place = this.sockets.get(socket);
    if (place === undefined || !this.conversations.has(conversationId)) return false;
    return place.different.has(conversationId) !== place.isInAll;
  }

  /** The last comparison of a session; `undefined` if it must be compared as a whole. */
  compared(sessionId: string): ComparedSession | undefined {
    return this.#sessions.get(sessionId);
  }

  /** Records a comparison. Beyond the largest number of sessions of a user, the oldest comparison is dropped. */
  noteCompared(sessionId: string, compared: ComparedSession): void {
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, compared);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= LIMITS.sessionsPerUser) return;
      this.#sessions.delete(oldest);
    }
  }
}
