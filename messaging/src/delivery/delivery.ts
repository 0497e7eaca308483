import type { ReportFault } from '../faults.ts';
import type { CommittedEntry } from '../log/committed-entry.ts';
import { isMembership, type EntryDocument, type MembersDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { Committed } from '../log/ports.ts';
import type { ConversationState } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import type { EntryEventHeader } from '../transport/cluster/entry-message.ts';
import { GrownLogs } from './change-stream/grown-logs.ts';
import type { LogPosition, PositionStream } from './change-stream/position-stream-repository.ts';
import type { DeliveryTarget } from './ordered-delivery.ts';
import { OrderedDeliveryRegistry } from './ordered-delivery-registry.ts';
import type {
  ConversationPresenter,
  DeliverySocket,
  EntryEvents,
  LocalSockets,
  PlainSockets,
} from './ports.ts';
import { RoomSync, type SocketPlace } from './room-sync.ts';
import type { RoomRepository } from './room-repository.ts';
import type { UserRooms } from './user-rooms.ts';

interface DeliveryDeps {
  readonly sockets: LocalSockets;
  readonly clusterEvents: EntryEvents;
  readonly log: {
    tails(conversationIds: readonly string[]): Promise<Map<string, number>>;
    state(conversationId: string, seq?: number): Promise<ConversationState>;
    noteTail(conversationId: string, seq: number): void;
    needsEntriesOf(conversationId: string): boolean;
    committedEntry(document: EntryDocument): CommittedEntry;
    received(entry: CommittedEntry, from?: string): void;
    noteMembership(place: LogPosition): void;
    repair(conversationId: string, seq: number): Promise<void>;
  };
  readonly entries: Pick<EntryRepository, 'range'>;
  readonly rooms: Pick<RoomRepository, 'conversationIdsOf'>;
  /** Returns those of the conversations whose stored members are behind the log. */
  readonly membersBehind: (conversationIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly presenter: ConversationPresenter;
  readonly plain: PlainSockets;
  /** Opens a stream of positions of all logs. */
  readonly openPositions: () => Promise<Pick<PositionStream, 'close' | 'next'>>;
  readonly timers: Timers;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly reportFault: ReportFault;
}

/** Sends committed entries to the sockets of this node, and publishes those of this node to the other nodes. */
export class Delivery {
  readonly deliveries: OrderedDeliveryRegistry;
  readonly userRooms: UserRooms;
  readonly #deps: DeliveryDeps;
  readonly #rooms: RoomSync;
  readonly #grown: GrownLogs;
  readonly #listeners: ((documents: readonly EntryDocument[]) => void)[] = [];

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.userRooms = deps.sockets.rooms;
    this.deliveries = new OrderedDeliveryRegistry({
      ...deps,
      targetOf: (conversationId) => this.#target(conversationId),
      tails: (conversationIds) => deps.log.tails(conversationIds),
      noteTail: (conversationId, seq) => deps.log.noteTail(conversationId, seq),
      verify: (tails) => this.#verify(tails),
      hasUsers: (conversationId) => deps.sockets.rooms.hasUsers(conversationId),
      after: (ms, callback) => deps.timers.after(ms, callback),
    });
    this.#rooms = new RoomSync({ ...deps, deliveries: this.deliveries });
    this.#grown = new GrownLogs({
      open: deps.openPositions,
      found: (positions) => this.deliveries.noteGrown(positions),
      reportFault: deps.reportFault,
    });
  }

  /** Whether this node reads from the change stream which logs have grown, instead of reading the tails of all logs. */
  get isFollowing(): boolean {
    return this.#grown.isOpen;
  }

  /** Subscribes to cluster events. */
  start(): void {
    this.#deps.clusterEvents.subscribe(
      (documents, from) => this.#received(documents, from),
      (header) => this.#concerns(header),
    );
  }

  async stop(): Promise<void> {
    this.deliveries.close();
    await this.#grown.close();
  }

  /** Calls `listener` with entries that have arrived from other nodes, some of them more than once. */
  onReceived(listener: (documents: readonly EntryDocument[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Entries that this node wrote or read as committed. */
  committed({ entries, isOwn }: Committed): void {
    if (isOwn) this.#deps.clusterEvents.publish(entries.map(({ document }) => document));
    for (const entry of entries) this.#deliver(entry);
  }

  /** An entry of any node, read from the change stream. */
  stored(document: EntryDocument): void {
    this.#received([document]);
  }

  /** Puts a socket into the rooms of its conversations. A plain socket enters each when its replay is done. */
  attach(socket: DeliverySocket): void {
    this.#rooms.attach(socket);
  }

  detach(socket: DeliverySocket): void {
    this.#rooms.detach(socket);
  }

  /** Resolves when a socket is in all its rooms: from then on it misses nothing. */
  joined(socketId: string): Promise<void> {
    return this.#rooms.joined(socketId);
  }

  /** The socket at a place; `undefined` if it is none of this node, or of a plain client. */
  headsSocket(place: SocketPlace): DeliverySocket | undefined {
    return this.#rooms.headsSocket(place);
  }

  /** Puts a heads socket into rooms that it should be in and is not, because this node missed the entry of the join. */
  admit(place: SocketPlace, conversationIds: readonly string[]): Promise<void> {
    return this.#rooms.admit(place, conversationIds);
  }

  /**
   * Resolves when the conversations of the user of a plain socket are known, or the socket has disconnected.
   * @throws when the database does not answer
   */
  findRooms(socket: DeliverySocket): Promise<void> {
    return this.#rooms.find(socket);
  }

  /**
   * Puts a plain socket into a room if the delivery is at exactly `seq`, and calls `onEntered` in the same turn of the
   * event loop. Returns whether the socket is still behind.
   */
  async enter(socket: DeliverySocket, at: LogPosition, onEntered: () => void): Promise<boolean> {
    const { conversationId, seq } = at;
    await this.deliveries.ensure([conversationId]);
    const ordered = this.deliveries.get(conversationId);
    // The replay may have read entries that the delivery does not know yet.
    ordered?.noteTail(seq);
    if (ordered?.position !== seq || !ordered.isSettled) return true;
    if (ordered.former.has(socket.data.caller.userId)) return true;
    onEntered();
    this.userRooms.enter(socket, conversationId);
    return false;
  }

  /** Compares a part of the deliveries with their logs and a part of the rooms with memberships. Call it every 2 s. */
  async sweep(): Promise<void> {
    const isFollowed = await this.#grown.read(this.deliveries.size);
    try {
      await this.deliveries.sweep(isFollowed);
      this.#grown.swept(true);
    } catch (error) {
      this.#grown.swept(false);
      throw error;
    }
    await this.#rooms.sweep();
  }

  /** Compares everything. Call it when the connection to the other nodes is restored. */
  async compareAll(): Promise<void> {
    await this.deliveries.compareAll();
    await this.#rooms.compareAll();
  }

  /** Whether an event is to be decoded: it would change something here, besides the end of the log. */
  #concerns({ addsMembers, conversationId, seq }: EntryEventHeader): boolean {
    const { log } = this.#deps;
    const isKnown = this.deliveries.has(conversationId) || this.userRooms.hasUsers(conversationId);
    if (addsMembers || isKnown || log.needsEntriesOf(conversationId)) return true;
    log.noteTail(conversationId, seq);
    return false;
  }

  #received(documents: readonly EntryDocument[], from?: string): void {
    const { log } = this.#deps;
    for (const document of documents) {
      const entry = log.committedEntry(document);
      this.#deliver(entry);
      log.received(entry, from);
    }
    for (const listener of this.#listeners) listener(documents);
  }

  #deliver(offered: CommittedEntry): void {
    const { document } = offered;
    if (document.kind === 'members') this.#rooms.prepare(document);
    this.deliveries.offer(offered);
  }

  #target(conversationId: string): DeliveryTarget {
    const { reportFault, timers } = this.#deps;
    return {
      release: (offered) => this.#release(offered),
      read: (after, limit) => this.#readMissing(conversationId, after, limit),
      skipped: (from) => this.#rooms.skipped(conversationId, from),
      after: (ms, callback) => timers.after(ms, callback),
      countChange: () => this.deliveries.countChange(),
      reportFault,
    };
  }

  async #readMissing(conversationId: string, after: number, limit: number) {
    const { entries, log } = this.#deps;
    const documents = await entries.range(conversationId, { after, limit, from: 'oldest' });
    const missing = documents.map((document) => log.committedEntry(document));
    for (const entry of missing) log.received(entry);
    return missing;
  }

  /** Repairs projections that are behind the log, and returns the conversations for which that failed. */
  async #verify(tails: ReadonlyMap<string, number>): Promise<ReadonlySet<string>> {
    const { log, membersBehind, reportFault } = this.#deps;
    const failed = new Set<string>();
    for (const conversationId of await membersBehind([...tails.keys()])) {
      try {
        await log.repair(conversationId, tails.get(conversationId) ?? 0);
      } catch (error) {
        // The other conversations must not wait for this one. Sockets that join it are checked against the log.
        failed.add(conversationId);
        reportFault('membership_projection_failed', error);
      }
    }
    return failed;
  }

  #release(entry: CommittedEntry): Promise<void> | undefined {
    const { document, originSocketId } = entry;
    if (isMembership(document)) this.#deps.log.noteMembership(document);
    if (document.kind === 'members' && document.action !== 'role') {
      return this.#releaseMembers(document, entry);
    }
    this.#deps.sockets.emitEntry(entry.shown, originSocketId);
    return undefined;
  }

  /** New members join the room before the entry is sent, and former members leave it afterwards. */
  async #releaseMembers(
    { action, conversationId, userIds }: MembersDocument,
    { originSocketId, shown }: CommittedEntry,
  ): Promise<void> {
    if (action === 'added') await this.#rooms.welcome(conversationId, userIds);
    this.#deps.sockets.emitEntry(shown, originSocketId);
    if (action !== 'added') this.#rooms.dismiss(conversationId, userIds);
  }
}
