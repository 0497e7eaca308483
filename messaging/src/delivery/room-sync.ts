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
  readonly timers: Timers;
  readonly reportFault: ReportFault;
}

/** Slices of local sockets whose rooms are compared with their memberships, one a sweep. */
const SLICES = 15;
/** People who are shown a conversation they come into, before it goes on. */
const SHOWN_AT_ONCE = 20;

/** Keeps the sockets of this node in the rooms of exactly the conversations that their people belong to. */
export class RoomSync {
  readonly #deps: RoomSyncDeps;
  readonly #corrector: RoomCorrector;
  /** Sockets that are joining their rooms. */
  readonly #joins = new Map<string, Promise<void>>();
  readonly #attached = new Map<string, DeliverySocket>();
  #plain: PlainSockets | undefined;
  #slice = 0;

  constructor(deps: RoomSyncDeps) {
    this.#deps = deps;
    this.#corrector = new RoomCorrector({ ...deps, plain: () => this.#plain });
  }

  /** Names what serves plain sockets, which needs delivery itself. */
  servePlainSockets(plain: PlainSockets): void {
    this.#plain = plain;
  }

  /** Lets a socket into its conversations. A plain one enters each when its replay is done. */
  attach(socket: DeliverySocket): void {
    this.#attached.set(socket.id, socket);
    if (socket.data.mode === 'plain') {
      this.#plain?.begin(socket);
      return;
    }
    const joining = this.#enterAll(socket);
    this.#joins.set(socket.id, joining);
    void joining.then(() => this.#joins.delete(socket.id));
  }

  detach(socket: DeliverySocket): void {
    this.#attached.delete(socket.id);
    this.#joins.delete(socket.id);
    this.#plain?.end(socket);
  }

  /** Resolves when a socket stands in all its rooms: from then on nothing passes it by. */
  async joined(socketId: string): Promise<void> {
    await this.#joins.get(socketId);
  }

  /** New members may have sockets here, though the conversation has no delivery yet. */
  prepare({ action, conversationId, seq, userIds }: MembersDocument): void {
    if (action !== 'added') return;
    const concerned = userIds.flatMap((userId) => this.#deps.sockets.ofUser(userId));
    if (concerned.length === 0) return;
    const ordered = this.#deps.deliveries.openBefore(conversationId, seq);
    // Another member's arrival has opened the delivery beyond this entry, so it will not be let out again.
    if ((ordered.position ?? 0) >= seq) this.#corrector.admitSoon(conversationId, concerned);
  }

  /**
   * Puts the sockets of new members into a conversation and shows it to them. Where many come at once, that would
   * hold everybody up: they are told to compare for themselves.
   */
  async welcome(conversationId: string, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) this.#deps.deliveries.get(conversationId)?.former.delete(userId);
    const arriving = userIds
      .map((userId) => this.#deps.sockets.ofUser(userId))
      .filter((sockets) => sockets.length > 0);
    if (arriving.length <= SHOWN_AT_ONCE) {
      await Promise.all(arriving.map((sockets) => this.#welcomePerson(conversationId, sockets)));
      return;
    }
    const resync = { conversationIds: [conversationId], withinMs: RESYNC_WITHIN };
    for (const socket of this.#enterRoom(conversationId, arriving.flat())) {
      this.#deps.sockets.emit(socket, 'resync', resync);
    }
  }

  /** Takes the sockets of former members out of a conversation and tells them. */
  dismiss(conversationId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      this.#deps.deliveries.get(conversationId)?.former.add(userId);
      for (const socket of this.#deps.sockets.ofUser(userId))
        this.#corrector.dismiss(conversationId, socket);
    }
  }

  /**
   * A delivery went on without sending. Every socket leaves the room in this same turn, so that none is sent a later entry
   * before the missing ones, and no receipt mark passes them: plain sockets are sent everything after `from`, and the
   * others return once the log has said that their users are still members.
   */
  skipped(conversationId: string, from: number): void {
    const { sockets } = this.#deps;
    const leaving = [...sockets.inConversation(conversationId)];
    for (const socket of leaving) {
      socket.leave(sockets.room(conversationId));
      if (socket.data.mode === 'plain') this.#plain?.restart(socket, conversationId, from);
    }
    void this.#corrector.readmit(conversationId, leaving);
  }

  /** Compares the rooms of a slice of the sockets with the memberships of their people. */
  sweep(): Promise<void> {
    this.#slice = (this.#slice + 1) % SLICES;
    return this.#compare(
      [...this.#attached.values()].filter((_, index) => index % SLICES === this.#slice),
    );
  }

  /** Compares the rooms of all sockets: after the link to the other nodes was lost and is back. */
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
   * The memberships are read again once the deliveries are open: users who left before are not in the second answer, and
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

  async #welcomePerson(conversationId: string, sockets: readonly DeliverySocket[]): Promise<void> {
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

  /** Puts sockets into a room, but for plain ones whose replay is on its way there. Answers those that came in. */
  #enterRoom(conversationId: string, sockets: readonly DeliverySocket[]): DeliverySocket[] {
    const room = this.#deps.sockets.room(conversationId);
    const entering = sockets.filter(
      (socket) =>
        socket.connected &&
        (socket.data.mode === 'heads' || this.#plain?.admit(socket, conversationId) === true),
    );
    for (const socket of entering) socket.join(room);
    return entering;
  }

  async #compare(sockets: readonly DeliverySocket[]): Promise<void> {
    const due = sockets.filter(({ id }) => !this.#joins.has(id));
    if (due.length === 0) return;
    const people = [...new Set(due.map(({ data }) => data.caller.userId))];
    const memberships = await this.#deps.rooms.conversationIdsOf(people);
    for (const socket of due) {
      const present = new Set(memberships.get(socket.data.caller.userId));
      for (const conversationId of present) await this.#corrector.admit(conversationId, [socket]);
      await this.#corrector.dismissFormer(socket, present);
    }
  }
}
