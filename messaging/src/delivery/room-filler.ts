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

/** The conversations to which it is not certain that the user belongs; `undefined` if the run must be repeated. */
type Filled = readonly string[] | undefined;

/** What a run has read. */
interface Found {
  readonly present: readonly string[];
  /** The number of the last doubt before the memberships were read. */
  readonly doubt: number | undefined;
  /** Conversations whose stored members could not be checked. */
  readonly unchecked?: string[];
}

/** Conversations that are worked on before others get a turn, and before it is checked again that the user is connected. */
const AT_ONCE = 500;

/**
 * Finds out to which conversations a user belongs, and opens their deliveries. One run at a time for a user, however
 * many sockets it opens, and one at a time of the users with many conversations. A run ends early when the user has left.
 */
export class RoomFiller {
  readonly #deps: RoomFillerDeps;
  readonly #running = new Map<string, Promise<Filled>>();
  /** Ends with the last run of a user with many conversations. */
  #large: Promise<unknown> = Promise.resolve();

  constructor(deps: RoomFillerDeps) {
    this.#deps = deps;
  }

  /** Whether a run for this user is in progress. */
  isRunning(userId: string): boolean {
    return this.#running.has(userId);
  }

  /**
   * Resolves when the rooms of the user of a socket are known, or when the socket has disconnected. Returns the
   * conversations that the socket must not enter until the log was asked: their stored members could not be checked, or
   * they are known from before and the user is not a stored member any more.
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
    const { deliveries, userRooms } = this.#deps;
    const doubtBefore = userRooms.doubtOf(userId);
    const belongsTo = await this.#conversationIdsOf(userId);
    if (belongsTo.length === 0) return this.#finish(userId, { present: [], doubt: doubtBefore });
    const isLarge = belongsTo.length > AT_ONCE;
    if (!isLarge) await deliveries.ensure(belongsTo);
    else if (!(await this.#inTurn(() => this.#ensureInParts(userId, belongsTo)))) return undefined;
    const doubt = userRooms.doubtOf(userId);
    const present = await this.#conversationIdsOf(userId);
    const unchecked: string[] = [];
    for (let from = 0; from < present.length; from += AT_ONCE) {
      if (from > 0) await nextTurn();
      unchecked.push(...this.#addChecked(userId, present.slice(from, from + AT_ONCE)));
    }
    return this.#finish(userId, { present, doubt, unchecked });
  }

  #finish(userId: string, { doubt, present, unchecked = [] }: Found): Filled {
    const { userRooms } = this.#deps;
    // Others had turns since: what was added may be uncertain again, or forgotten.
    if (userRooms.doubtOf(userId) !== doubt) return undefined;
    const stored = new Set(present);
    for (const id of userRooms.conversationsOf(userId)) if (!stored.has(id)) unchecked.push(id);
    if (unchecked.length === 0) userRooms.complete(userId);
    return unchecked;
  }

  /** Adds what the user still belongs to. Returns the conversations whose stored members could not be checked. */
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

  /** Returns `false` if the user left before the end. */
  async #ensureInParts(userId: string, conversationIds: readonly string[]): Promise<boolean> {
    const { deliveries, userRooms } = this.#deps;
    for (let from = 0; from < conversationIds.length; from += AT_ONCE) {
      if (!userRooms.hasSockets(userId)) return false;
      await deliveries.ensure(conversationIds.slice(from, from + AT_ONCE));
      // What is open already is ensured without a wait.
      await nextTurn();
    }
    return true;
  }

  #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const turn = this.#large.then(work);
    this.#large = turn.catch(() => undefined);
    return turn;
  }

  async #conversationIdsOf(userId: string): Promise<readonly string[]> {
    return (await this.#deps.rooms.conversationIdsOf([userId])).get(userId) ?? [];
  }
}
