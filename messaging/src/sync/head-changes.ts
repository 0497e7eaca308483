import type { Head } from '@parley/common/contract';

import { RECORD_COVERS } from '../conversations/member-document.ts';
import type { MemberRepository } from '../conversations/member-repository.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { OrderedDeliveryRegistry } from '../delivery/ordered-delivery-registry.ts';
import type { DeliverySocket } from '../delivery/ports.ts';
import type { SocketPlace } from '../delivery/room-sync.ts';
import type { ReportFault } from '../faults.ts';
import type { LiveNodes } from '../transport/cluster/live-nodes.ts';
import type { HeadReader } from './head-reader.ts';
import type { MemberChangeRepository } from './member-change-repository.ts';
import { readSyncToken, writeSyncToken, type SyncPoint } from './sync-token.ts';

export interface HeadChangesDeps {
  readonly memberChanges: Pick<MemberChangeRepository, 'changedSince' | 'time'>;
  readonly members: Pick<MemberRepository, 'findOwn'>;
  readonly delivery: Pick<Delivery, 'admit' | 'headsSocket' | 'userRooms'> & {
    readonly deliveries: Pick<OrderedDeliveryRegistry, 'changes' | 'get'>;
  };
  readonly cluster: { readonly nodeId: string; readonly nodes: Pick<LiveNodes, 'recordingEpoch'> };
  readonly reportFault: ReportFault;
}

/** What a comparison begins with: everything that happens from now on is seen by the next one. */
export type Beginning = Omit<SyncPoint, 'at'>;

/** The heads that have changed since another comparison. */
export interface ChangedHeads {
  readonly heads: Head[];
  /** Conversations that the user has left. */
  readonly left: string[];
  /** The number of conversations of the user. */
  readonly total: number;
  readonly syncToken: string | null;
}

/** Conversations in which something may have happened. */
interface Candidates {
  readonly ids: readonly string[];
  readonly left: ReadonlySet<string>;
  readonly at: number;
}

/**
 * Seconds from the time of which a change is recorded, or found to be covered by another record, until it is visible to
 * all: two commands, each of which the driver gives up after a minute, and the node may stand still in between.
 */
const LONGEST_CHANGE = 600;
/** What was recorded up to so many seconds before the last comparison may have changed after it, so it is read again. */
const READ_AGAIN = RECORD_COVERS + LONGEST_CHANGE;

/**
 * Finds the heads that have changed since a comparison on this node.
 *
 * What this node knows of a user tells where entries were added, and what the user has left: the deliveries of all its
 * conversations are open while its rooms are known. Marks, settings and memberships change on any node, so they are
 * found by `changedAt` in the database. Where either is not certain, the answer is `undefined`, and all heads are read.
 */
export class HeadChanges {
  readonly #deps: HeadChangesDeps;
  readonly #heads: Pick<HeadReader, 'read'>;

  constructor(deps: HeadChangesDeps, heads: Pick<HeadReader, 'read'>) {
    this.#deps = deps;
    this.#heads = heads;
  }

  /** Begins a comparison for a socket that is in its rooms; `undefined` if no later one can build on it. */
  begin(place: SocketPlace): Beginning | undefined {
    const { cluster, delivery } = this.#deps;
    const { deliveries, userRooms } = delivery;
    const recordingEpoch = cluster.nodes.recordingEpoch();
    const invalidation = userRooms.invalidationOf(place.userId);
    if (recordingEpoch === undefined || invalidation === undefined) return undefined;
    if (!userRooms.isComplete(place.userId)) return undefined;
    if (delivery.headsSocket(place) === undefined) return undefined;
    const { nodeId } = cluster;
    return { nodeId, recordingEpoch, invalidation, deliveryChanges: deliveries.changes };
  }

  /** The time of the cluster, for the token of a comparison that is about to read; `undefined` if it cannot be read. */
  async time(): Promise<number | undefined> {
    try {
      return await this.#deps.memberChanges.time();
    } catch (error) {
      this.#deps.reportFault('head_changes_failed', error);
      return undefined;
    }
  }

  /** The token of a comparison that has ended; `null` if no later one can build on it. */
  tokenOf(place: SocketPlace, begun: Beginning, at: number | undefined): string | null {
    if (at === undefined || !this.#holds(place, begun)) return null;
    return writeSyncToken({ ...begun, at });
  }

  /**
   * The heads that have changed since the comparison that gave out `token`, and perhaps some others. The socket is in
   * the rooms of all conversations then.
   *
   * @returns `undefined` if that cannot be told, or more than `limit` have changed
   * @throws when the database does not answer
   */
  async since(
    token: string,
    begun: Beginning,
    { limit, place }: { readonly limit: number; readonly place: SocketPlace },
  ): Promise<ChangedHeads | undefined> {
    const { delivery, members } = this.#deps;
    const since = readSyncToken(token);
    if (since === undefined || !isSame(since, begun)) return undefined;
    const candidates = await this.#candidates(since, place, limit);
    if (candidates === undefined) return undefined;
    const { at, ids, left } = candidates;
    const memberships = await members.findOwn(place.userId, ids);
    const present = ids.flatMap((id) => {
      const member = memberships.get(id);
      return member?.present === true ? [member] : [];
    });
    const joined = present.map(({ conversationId }) => conversationId);
    const socket = delivery.headsSocket(place);
    if (socket === undefined) return undefined;
    await delivery.admit(place, [...joined, ...delivery.userRooms.outside(socket)]);
    const heads = await this.#heads.read(present);
    if (!this.#holds(place, begun)) return undefined;
    const shown = heads.map(({ conversationId }) => conversationId);
    const isShown = new Set(shown);
    const absent = ids.filter((id) => !isShown.has(id));
    const known = delivery.userRooms.conversationsOf(place.userId);
    return {
      heads,
      // One that is neither stored nor left was joined a moment ago.
      left: absent.filter((id) => memberships.has(id) || left.has(id)),
      total: known.size - absent.filter((id) => known.has(id)).length,
      syncToken: this.#isInside(socket, shown) ? writeSyncToken({ ...begun, at }) : null,
    };
  }

  /** The conversations in which something may have happened, by id. */
  async #candidates(
    since: SyncPoint,
    { userId }: SocketPlace,
    limit: number,
  ): Promise<Candidates | undefined> {
    const { deliveries, userRooms } = this.#deps.delivery;
    const stored = await this.#storedChanges(userId, since.at - READ_AGAIN, limit + 1);
    // After the read: an entry that was sent right before the socket entered the room has moved its delivery by now.
    const left = userRooms.leftSince(userId, since.deliveryChanges);
    if (stored === undefined || left === undefined) return undefined;
    const ids = new Set([...stored.conversationIds, ...left]);
    for (const id of userRooms.conversationsOf(userId)) {
      const ordered = deliveries.get(id);
      const isOpen = ordered?.position !== undefined;
      if (!isOpen || ordered.changedAt > since.deliveryChanges) ids.add(id);
      if (ids.size > limit) return undefined;
    }
    if (ids.size > limit) return undefined;
    return { ids: [...ids].sort(), left: new Set(left), at: stored.at };
  }

  async #storedChanges(userId: string, since: number, limit: number) {
    try {
      return await this.#deps.memberChanges.changedSince(userId, since, limit);
    } catch (error) {
      this.#deps.reportFault('head_changes_failed', error);
      return undefined;
    }
  }

  /** Whether everything that happened since a comparison began is still known. */
  #holds(place: SocketPlace, begun: Beginning): boolean {
    const now = this.begin(place);
    return now !== undefined && isSame(now, begun);
  }

  /** Whether a socket is in the rooms of all conversations that its user is known to belong to, and of these. */
  #isInside(socket: DeliverySocket, conversationIds: readonly string[]): boolean {
    const { userRooms } = this.#deps.delivery;
    if (userRooms.outside(socket).length > 0) return false;
    return conversationIds.every((id) => userRooms.isIn(socket, id));
  }
}

/** Whether this node has known everything that happened between two comparisons. */
function isSame(one: Beginning, other: Beginning): boolean {
  return (
    one.nodeId === other.nodeId &&
    one.recordingEpoch === other.recordingEpoch &&
    one.invalidation === other.invalidation
  );
}
