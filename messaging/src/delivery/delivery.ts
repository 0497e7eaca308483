import type { ReportFault } from '../faults.ts';
import { CommittedEntry } from '../log/committed-entry.ts';
import { isMembership, type EntryDocument, type MembersDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { Committed } from '../log/ports.ts';
import type { ConversationState } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import type { DeliveryTarget } from './ordered-delivery.ts';
import { OrderedDeliveryRegistry, SWEEP_EVERY } from './ordered-delivery-registry.ts';
import type {
  ConversationPresenter,
  DeliverySocket,
  EntryEvents,
  LocalSockets,
  PlainSockets,
} from './ports.ts';
import { RoomSync } from './room-sync.ts';
import type { RoomRepository } from './room-repository.ts';

interface DeliveryDeps {
  readonly sockets: LocalSockets;
  readonly clusterEvents: EntryEvents;
  readonly log: {
    tails(conversationIds: readonly string[]): Promise<Map<string, number>>;
    state(conversationId: string, seq?: number): Promise<ConversationState>;
    noteTail(conversationId: string, seq: number): void;
    noteMembership(place: Position): void;
    repair(conversationId: string, seq: number): Promise<void>;
  };
  readonly entries: Pick<EntryRepository, 'range'>;
  readonly rooms: Pick<RoomRepository, 'conversationIdsOf'>;
  /** Which of these conversations have stored members that do not follow the log yet. */
  readonly membersBehind: (conversationIds: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly presenter: ConversationPresenter;
  readonly timers: Timers;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly reportFault: ReportFault;
}

/** A place in a log. */
export interface Position {
  readonly conversationId: string;
  readonly seq: number;
}

/** Brings committed entries to the sockets of this node and tells the other nodes of them. */
export class Delivery {
  readonly deliveries: OrderedDeliveryRegistry;
  readonly #deps: DeliveryDeps;
  readonly #rooms: RoomSync;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.deliveries = new OrderedDeliveryRegistry({
      ...deps,
      targetOf: (conversationId) => this.#target(conversationId),
      tails: (conversationIds) => deps.log.tails(conversationIds),
      noteTail: (conversationId, seq) => deps.log.noteTail(conversationId, seq),
      verify: (tails) => this.#verify(tails),
      hasSockets: (conversationId) => deps.sockets.hasConversation(conversationId),
      after: (ms, callback) => deps.timers.after(ms, callback),
    });
    this.#rooms = new RoomSync({ ...deps, deliveries: this.deliveries });
  }

  /** Registers what serves plain sockets. Without it they get nothing. */
  servePlainSockets(plain: PlainSockets): void {
    this.#rooms.servePlainSockets(plain);
  }

  /** Begins to listen and to compare. */
  start(): void {
    this.#deps.clusterEvents.subscribe((documents) => this.#received(documents));
    this.#sweeping = setInterval(() => {
      this.sweep().catch((error: unknown) =>
        this.#deps.reportFault('delivery_comparison_failed', error),
      );
    }, SWEEP_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#sweeping);
    this.deliveries.close();
  }

  /** Entries that this node wrote or read as committed. */
  committed({ entries, isOwn }: Committed): void {
    if (isOwn) this.#deps.clusterEvents.publish(entries.map(({ document }) => document));
    for (const entry of entries) this.#deliver(entry);
  }

  /** Lets a socket into its conversations. A plain one enters each when its replay is done. */
  attach(socket: DeliverySocket): void {
    this.#rooms.attach(socket);
  }

  detach(socket: DeliverySocket): void {
    this.#rooms.detach(socket);
  }

  /** Resolves when a socket stands in all its rooms: from then on nothing passes it by. */
  joined(socketId: string): Promise<void> {
    return this.#rooms.joined(socketId);
  }

  /**
   * Lets a plain socket in if the delivery stands at exactly `seq`, and tells `onEntered` in the same turn.
   * Answers whether the socket is still behind.
   */
  async enter(socket: DeliverySocket, at: Position, onEntered: () => void): Promise<boolean> {
    const { conversationId, seq } = at;
    await this.deliveries.ensure([conversationId]);
    const ordered = this.deliveries.get(conversationId);
    // The replay may have read further than the delivery has heard.
    ordered?.noteTail(seq);
    if (ordered?.position !== seq || !ordered.isSettled) return true;
    if (ordered.former.has(socket.data.caller.userId)) return true;
    onEntered();
    socket.join(this.#deps.sockets.room(conversationId));
    return false;
  }

  /** One comparison of deliveries with logs and of rooms with memberships. Runs every 2 s. */
  async sweep(): Promise<void> {
    await this.deliveries.sweep();
    await this.#rooms.sweep();
  }

  /** Compares everything: after the link to the other nodes was lost and is back. */
  async compareAll(): Promise<void> {
    await this.deliveries.compareAll();
    await this.#rooms.compareAll();
  }

  #received(documents: readonly EntryDocument[]): void {
    for (const document of documents) {
      this.#deps.log.noteTail(document.conversationId, document.seq);
      this.#deliver(new CommittedEntry(document));
    }
  }

  #deliver(offered: CommittedEntry): void {
    const { document } = offered;
    if (document.kind === 'members') this.#rooms.prepare(document);
    this.deliveries.offer(offered);
  }

  #target(conversationId: string): DeliveryTarget {
    const { entries, reportFault, timers } = this.#deps;
    return {
      release: (offered) => this.#release(offered),
      read: (after, limit) => entries.range(conversationId, { after, limit, from: 'oldest' }),
      skipped: (from) => this.#rooms.skipped(conversationId, from),
      after: (ms, callback) => timers.after(ms, callback),
      reportFault,
    };
  }

  /** The node that wrote a change of members may have died before the stored members followed. */
  async #verify(tails: ReadonlyMap<string, number>): Promise<ReadonlySet<string>> {
    const { log, membersBehind, reportFault } = this.#deps;
    const failed = new Set<string>();
    for (const conversationId of await membersBehind([...tails.keys()])) {
      try {
        await log.repair(conversationId, tails.get(conversationId) ?? 0);
      } catch (error) {
        // The others must not wait for this one; who joins it is looked up in the log.
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

  /** Who is new stands in the room before the entry, and who has left gets it before the room is closed to them. */
  async #releaseMembers(
    { action, conversationId, userIds }: MembersDocument,
    { originSocketId, shown }: CommittedEntry,
  ): Promise<void> {
    if (action === 'added') await this.#rooms.welcome(conversationId, userIds);
    this.#deps.sockets.emitEntry(shown, originSocketId);
    if (action !== 'added') this.#rooms.dismiss(conversationId, userIds);
  }
}
