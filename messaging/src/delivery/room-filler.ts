import { setImmediate as nextTurn } from 'node:timers/promises';

import type { OrderedDeliveryRegistry } from './ordered-delivery-registry.ts';
import type { DeliverySocket } from './ports.ts';
import { isConnected } from './room-corrector.ts';
import type { RoomRepository } from './room-repository.ts';
import type { UserRooms } from './user-rooms.ts';

interface RoomFillerDeps {
  readonly userRooms: UserRooms;
  readonly deliveries: Pick<OrderedDeliveryRegistry, 'ensure' | 'get'>;
  readonly rooms: Pick<RoomRepository, 'conversationIdsOf'>;
}

/** The conversations of which it is not certain that the user is a member; `undefined` if the run must be repeated. */
type Filled = readonly string[] | undefined;

/** The memberships that a run has read. */
interface Found {
  readonly present: readonly string[];
  /** The number of the last invalidation of the user before the memberships were read. */
  readonly invalidation: number | undefined;
  /** Conversations whose stored members could not be checked. */
  readonly unchecked?: string[];
}

/** Conversations that are handled before the event loop gets a turn and the connection of the user is checked again. */
const AT_ONCE = 500;

/**
 * Finds out to which conversations a user belongs, and opens their deliveries. There is one run at a time for each user,
 * however many sockets it opens, and one at a time for all users with many conversations. A run ends early when the user
 * has disconnected.
 */
export class RoomFiller {
  readonly #deps: RoomFillerDeps;
  readonly #running = new Map<string, Promise<Filled>>();
  /** Settles when the last run for a user with many conversations has ended. */
  #large: Promise<unknown> = Promise.resolve();

  constructor(deps: RoomFillerDeps) {
    this.#deps = deps;
  }

  /** Whether a run for this user is in progress. */
  isRunning(userId: string): boolean {
    return this.#running.has(userId);
  }

  /**
   * Resolves when the conversations of the user of a socket are known, or when the socket has disconnected. Returns the
   * conversations that the socket must not enter before the log was read: their stored members could not be checked, or
   * the user was a member and is no longer a stored one.
   * @throws when the database does not answer
   */
  async fill(socket: DeliverySocket): Promise<readonly string[]> {
    const { userId } = socket.data.caller;
    while (isConnected(socket) && !this.#deps.userRooms.isComplete(userId)) {
      const unchecked = await this.#run(userId);
      if (unchecked !== undefined) return unchecked;
    }
    return [];
  }

  #run(userId: string): Promise<Filled> {
    const known = this.#running.get(userId);
    if (known !== undefined) return known;
    const running = this.#fill(userId).finally(() => this.#running.delete(userId));
    this.#running.set(userId, running);
    return running;
  }

  /**
   * Reads the memberships again when the deliveries are open. The second result omits what the user left before that,
   * and each delivery remembers who left since. Without memberships there is nothing to open and nothing to omit.
   */
  async #fill(userId: string): Promise<Filled> {
    const { deliveries, rooms, userRooms } = this.#deps;
    const invalidationBefore = userRooms.invalidationOf(userId);
    const belongsTo = await rooms.conversationIdsOf(userId);
    if (belongsTo.length === 0)
      return this.#finish(userId, { present: [], invalidation: invalidationBefore });
    const isLarge = belongsTo.length > AT_ONCE;
    if (!isLarge) await deliveries.ensure(belongsTo);
    else if (!(await this.#inTurn(() => this.#ensureInParts(userId, belongsTo)))) return undefined;
    const invalidation = userRooms.invalidationOf(userId);
    const present = await rooms.conversationIdsOf(userId);
    const unchecked: string[] = [];
    for (let from = 0; from < present.length; from += AT_ONCE) {
      if (from > 0) await nextTurn();
      unchecked.push(...this.#addChecked(userId, present.slice(from, from + AT_ONCE)));
    }
    return this.#finish(userId, { present, invalidation, unchecked });
  }

  #finish(userId: string, { invalidation, present, unchecked = [] }: Found): Filled {
    const { userRooms } = this.#deps;
    // Other work has run in between: the user may have been invalidated or forgotten.
    if (userRooms.invalidationOf(userId) !== invalidation) return undefined;
    const stored = new Set(present);
    for (const id of userRooms.conversationsOf(userId)) if (!stored.has(id)) unchecked.push(id);
    if (unchecked.length === 0) userRooms.complete(userId);
    return unchecked;
  }

  /** Adds the conversations that the user has not left. Returns those whose stored members could not be checked. */
  #addChecked(userId: string, conversationIds: readonly string[]): string[] {
    const { deliveries, userRooms } = this.#deps;
    const unchecked: string[] = [];
    const joined: string[] = [];
    for (const id of conversationIds) {
      const ordered = deliveries.get(id);
      if (ordered?.isVerified !== true) unchecked.push(id);
      else if (!ordered.former.has(userId)) joined.push(id);
    }
    userRooms.add(userId, joined);
    return unchecked;
  }

  /** Opens the deliveries in parts. Returns `false` if the user disconnected before the end. */
  async #ensureInParts(userId: string, conversationIds: readonly string[]): Promise<boolean> {
    const { deliveries, userRooms } = this.#deps;
    for (let from = 0; from < conversationIds.length; from += AT_ONCE) {
      if (!userRooms.hasSockets(userId)) return false;
      await deliveries.ensure(conversationIds.slice(from, from + AT_ONCE));
      // `ensure` does not wait if the deliveries are open.
      await nextTurn();
    }
    return true;
  }

  #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const turn = this.#large.then(work);
    this.#large = turn.catch(() => undefined);
    return turn;
  }
}
