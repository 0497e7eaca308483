import type { ReportFault } from '../faults.ts';
import type { MembersDocument } from '../log/entry-document.ts';
import type { ConversationState } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import type { OrderedDeliveryRegistry } from './ordered-delivery-registry.ts';
import type { ConversationPresenter, DeliverySocket, LocalSockets, PlainSockets } from './ports.ts';
import { isConnected, RESYNC_WITHIN, RETRY, RoomCorrector } from './room-corrector.ts';
import type { RoomRepository } from './room-repository.ts';

interface RoomSyncDeps {
  readonly sockets: LocalSockets;
  readonly deliveries: OrderedDeliveryRegistry;
  readonly log: {
    tails(conversationIds: readonly string[]): Promise<Map<string, number>>;
    state(conversationId: string, seq?: number): Promise<ConversationState>;
  };
  readonly rooms: Pick<RoomRepository, 'conversationIdsOf'>;
  readonly presenter: ConversationPresenter;
  readonly plain: PlainSockets;
  readonly timers: Timers;
  readonly reportFault: ReportFault;
}

/** The local sockets are compared in this many slices, one in each sweep. */
const SLICES = 15;
/** Up to this many new members are sent the conversation before it goes on. */
const SHOWN_AT_MOST = 20;

/** Keeps the sockets of this node in the rooms of exactly the conversations that their users belong to. */
export class RoomSync {
  readonly #deps: RoomSyncDeps;
  readonly #corrector: RoomCorrector;
  /** Sockets that are still joining their rooms. */
  readonly #joins = new Map<string, Promise<void>>();
  readonly #attached = new Map<string, DeliverySocket>();
  #slice = 0;

  constructor(deps: RoomSyncDeps) {
    this.#deps = deps;
    this.#corrector = new RoomCorrector(deps);
  }

  /** Puts a socket into the rooms of its conversations. A plain socket enters each when its replay is done. */
  attach(socket: DeliverySocket): void {
    this.#attached.set(socket.id, socket);
    if (socket.data.mode === 'plain') {
      this.#deps.plain.begin(socket);
      return;
    }
    const joining = this.#enterAll(socket);
    this.#joins.set(socket.id, joining);
    void joining.then(() => this.#joins.delete(socket.id));
  }

  detach(socket: DeliverySocket): void {
    this.#attached.delete(socket.id);
    this.#joins.delete(socket.id);
    this.#deps.plain.end(socket);
  }

  /** Resolves when a socket is in all its rooms: from then on it misses nothing. */
  async joined(socketId: string): Promise<void> {
    await this.#joins.get(socketId);
  }

  /** Opens the delivery of a conversation that may have its first sockets here because of new members. */
  prepare({ action, conversationId, seq, userIds }: MembersDocument): void {
    if (action !== 'added') return;
    const concerned = userIds.flatMap((userId) => this.#deps.sockets.ofUser(userId));
    if (concerned.length === 0) return;
    const ordered = this.#deps.deliveries.openBefore(conversationId, seq);
    // Another socket has opened the delivery after this entry, so the entry will not be sent.
    if ((ordered.position ?? 0) >= seq) this.#corrector.admitSoon(conversationId, concerned);
  }

  /**
   * Puts the sockets of new members into a conversation and sends it to them. If there are many, that would delay the
   * other members, so their clients are asked to compare heads.
   */
  async welcome(conversationId: string, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) this.#deps.deliveries.get(conversationId)?.former.delete(userId);
    const joining = userIds
      .map((userId) => this.#deps.sockets.ofUser(userId))
      .filter((sockets) => sockets.length > 0);
    if (joining.length <= SHOWN_AT_MOST) {
      await Promise.all(joining.map((sockets) => this.#welcomeUser(conversationId, sockets)));
      return;
    }
    const resync = { conversationIds: [conversationId], withinMs: RESYNC_WITHIN };
    for (const socket of this.#enterRoom(conversationId, joining.flat())) {
      this.#deps.sockets.emit(socket, 'resync', resync);
    }
  }

  /** Takes the sockets of former members out of a conversation and notifies their clients. */
  dismiss(conversationId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      this.#deps.deliveries.get(conversationId)?.former.add(userId);
      for (const socket of this.#deps.sockets.ofUser(userId))
        this.#corrector.dismiss(conversationId, socket);
    }
  }

  /**
   * Handles a delivery that skipped entries. Every socket leaves the room in the same turn of the event loop, so that
   * none gets a later entry before the missing ones, and no receipt mark covers them. Plain sockets are sent everything
   * after `from`. The others join again when the log has confirmed that their users are still members.
   */
  skipped(conversationId: string, from: number): void {
    const { plain, sockets } = this.#deps;
    const leaving = [...sockets.inConversation(conversationId)];
    for (const socket of leaving) {
      socket.leave(sockets.room(conversationId));
      if (socket.data.mode === 'plain') plain.restart(socket, conversationId, from);
    }
    void this.#corrector.readmit(conversationId, leaving);
  }

  /** Compares the rooms of a slice of the sockets with the memberships of their users. */
  sweep(): Promise<void> {
    this.#slice = (this.#slice + 1) % SLICES;
    return this.#compare(
      [...this.#attached.values()].filter((_, index) => index % SLICES === this.#slice),
    );
  }

  /** Compares the rooms of all sockets. Call it when the connection to the other nodes is restored. */
  compareAll(): Promise<void> {
    return this.#compare([...this.#attached.values()]);
  }

  async #enterAll(socket: DeliverySocket): Promise<void> {
    while (isConnected(socket)) {
      try {
        await this.#enterVerified(socket);
        return;
      } catch (error) {
        this.#deps.reportFault('socket_join_failed', error);
        await new Promise<void>((resolve) => this.#deps.timers.after(RETRY, resolve));
      }
    }
  }

  /**
   * Reads the memberships again when the deliveries are open. The second result omits users who left before that, and
   * each delivery remembers those who left since.
   */
  async #enterVerified(socket: DeliverySocket): Promise<void> {
    const { deliveries, sockets } = this.#deps;
    const { userId } = socket.data.caller;
    await deliveries.ensure(await this.#conversationIdsOf(userId));
    const present = await this.#conversationIdsOf(userId);
    if (!isConnected(socket)) return;
    for (const id of present) {
      const ordered = deliveries.get(id);
      if (ordered?.isVerified !== true) this.#corrector.admitSoon(id, [socket]);
      else if (!ordered.former.has(userId)) socket.join(sockets.room(id));
    }
  }

  async #conversationIdsOf(userId: string): Promise<readonly string[]> {
    return (await this.#deps.rooms.conversationIdsOf([userId])).get(userId) ?? [];
  }

  async #welcomeUser(conversationId: string, sockets: readonly DeliverySocket[]): Promise<void> {
    const [first] = sockets;
    if (first === undefined) return;
    const { reportFault, presenter } = this.#deps;
    const conversation = await presenter
      .present(conversationId, first.data.caller.userId)
      .catch((error: unknown) => {
        reportFault('new_member_view_failed', error);
        return undefined;
      });
    if (conversation !== undefined) {
      for (const socket of sockets) {
        this.#deps.sockets.emit(socket, 'conversation', { action: 'added', conversation });
      }
    }
    this.#enterRoom(conversationId, sockets);
  }

  /** Puts sockets into a room, except plain ones whose replay is not done. Returns those that joined. */
  #enterRoom(conversationId: string, sockets: readonly DeliverySocket[]): DeliverySocket[] {
    const room = this.#deps.sockets.room(conversationId);
    const entering = sockets.filter(
      (socket) =>
        socket.connected &&
        (socket.data.mode === 'heads' || this.#deps.plain.admit(socket, conversationId)),
    );
    for (const socket of entering) socket.join(room);
    return entering;
  }

  async #compare(sockets: readonly DeliverySocket[]): Promise<void> {
    const due = sockets.filter(({ id }) => !this.#joins.has(id));
    if (due.length === 0) return;
    const userIds = [...new Set(due.map(({ data }) => data.caller.userId))];
    const memberships = await this.#deps.rooms.conversationIdsOf(userIds);
    for (const socket of due) {
      const present = new Set(memberships.get(socket.data.caller.userId));
      for (const conversationId of present) await this.#corrector.admit(conversationId, [socket]);
      await this.#corrector.dismissFormer(socket, present);
    }
  }
}
