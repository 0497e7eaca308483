import type { ReportFault } from '../faults.ts';
import type { MembersDocument } from '../log/entry-document.ts';
import type { ConversationState } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import type { OrderedDeliveryRegistry } from './ordered-delivery-registry.ts';
import type { ConversationPresenter, DeliverySocket, LocalSockets, PlainSockets } from './ports.ts';
import { isConnected, RESYNC_WITHIN, RETRY, RoomCorrector } from './room-corrector.ts';
import { RoomFiller } from './room-filler.ts';
import type { RoomRepository } from './room-repository.ts';
import { SLICES } from './slices.ts';

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

/** A socket of a user. */
export interface SocketPlace {
  readonly userId: string;
  readonly socketId: string;
}

/** Most new members to whom the conversation is sent before the delivery goes on. */
const SHOWN_AT_MOST = 20;

/** Keeps the sockets of this node in the rooms of exactly the conversations that their users belong to. */
export class RoomSync {
  readonly #deps: RoomSyncDeps;
  readonly #corrector: RoomCorrector;
  /** Sockets that are still joining their rooms. */
  readonly #joins = new Map<string, Promise<void>>();
  readonly #filler: RoomFiller;
  #slice = 0;

  constructor(deps: RoomSyncDeps) {
    this.#deps = deps;
    this.#corrector = new RoomCorrector(deps);
    this.#filler = new RoomFiller({ ...deps, userRooms: deps.sockets.rooms });
  }

  /** Puts a socket into the rooms of its conversations. A plain socket enters each when its replay is done. */
  attach(socket: DeliverySocket): void {
    this.#deps.sockets.rooms.attach(socket);
    if (socket.data.mode === 'plain') {
      this.#deps.plain.begin(socket);
      return;
    }
    const joining = this.#enterAll(socket);
    this.#joins.set(socket.id, joining);
    void joining.then(() => this.#joins.delete(socket.id));
  }

  detach(socket: DeliverySocket): void {
    this.#joins.delete(socket.id);
    this.#deps.plain.end(socket);
    this.#deps.sockets.rooms.detach(socket);
  }

  /** Resolves when a socket is in all its rooms: from then on it misses nothing. */
  async joined(socketId: string): Promise<void> {
    await this.#joins.get(socketId);
  }

  /** The socket at a place; `undefined` if it is none of this node, or of a plain client. */
  headsSocket({ socketId, userId }: SocketPlace): DeliverySocket | undefined {
    const socket = this.#deps.sockets.ofUser(userId).find(({ id }) => id === socketId);
    return socket?.data.mode === 'heads' ? socket : undefined;
  }

  /**
   * Puts a heads socket into the rooms of conversations to which its user was added without this node receiving the entry.
   * @throws when the database does not answer
   */
  async admit(place: SocketPlace, conversationIds: readonly string[]): Promise<void> {
    const { sockets } = this.#deps;
    const socket = this.headsSocket(place);
    if (socket === undefined) return;
    const missing = conversationIds.filter((id) => !sockets.rooms.isIn(socket, id));
    for (const id of missing) await this.#corrector.admit(id, [socket]);
  }

  /**
   * Resolves when the conversations of the user of a plain socket are known, or the socket has disconnected.
   * @throws when the database does not answer
   */
  async find(socket: DeliverySocket): Promise<void> {
    for (const id of await this.#filler.fill(socket)) this.#corrector.admitSoon(id, [socket]);
  }

  /** Opens the delivery of a conversation that may have its first users here because of new members. */
  prepare({ action, conversationId, seq, userIds }: MembersDocument): void {
    if (action !== 'added') return;
    const { deliveries, sockets } = this.#deps;
    const concerned = userIds.filter((userId) => sockets.rooms.knows(userId));
    if (concerned.length === 0) return;
    const ordered = deliveries.openBefore(conversationId, seq);
    // Another socket has opened the delivery after this entry, so the entry will not be sent.
    if ((ordered.position ?? 0) < seq) return;
    for (const userId of concerned) {
      if (!sockets.rooms.conversationsOf(userId).has(conversationId))
        sockets.rooms.invalidateUser(userId);
    }
    const connected = concerned.flatMap((userId) => sockets.ofUser(userId));
    if (connected.length > 0) this.#corrector.admitSoon(conversationId, connected);
  }

  /**
   * Puts the sockets of new members into a conversation and sends it to them. If there are many, that would delay the
   * other members, so their clients are asked to compare heads.
   */
  async welcome(conversationId: string, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) {
      this.#deps.deliveries.get(conversationId)?.former.delete(userId);
      this.#deps.sockets.rooms.add(userId, [conversationId]);
    }
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
      this.#corrector.dismissUser(conversationId, userId);
    }
  }

  /**
   * Handles a delivery that skipped entries. Every socket leaves the room in the same turn of the event loop, so that
   * none gets a later entry before the missing ones, and no receipt mark covers them. Plain sockets are sent everything
   * after `from`. The others join again when the log has confirmed that their users are still members.
   */
  skipped(conversationId: string, from: number): void {
    const { plain, sockets } = this.#deps;
    const leaving = sockets.rooms.socketsIn(conversationId);
    sockets.rooms.invalidateMembers(conversationId);
    for (const socket of leaving) {
      sockets.rooms.leave(socket, conversationId);
      if (socket.data.mode === 'plain') plain.restart(socket, conversationId, from);
    }
    void this.#corrector.readmit(conversationId, leaving);
  }

  /** Compares the rooms of a slice of the users with their memberships, and forgets users who disconnected too long ago. */
  async sweep(): Promise<void> {
    const { rooms } = this.#deps.sockets;
    rooms.expire();
    this.#slice = (this.#slice + 1) % SLICES;
    await this.#compare(rooms.connectedUserIds(this.#slice, SLICES));
  }

  /** Compares the rooms of all users. Call it when the connection to the other nodes is restored. */
  compareAll(): Promise<void> {
    const { rooms } = this.#deps.sockets;
    rooms.forgetKept();
    return this.#compare(rooms.connectedUserIds());
  }

  async #enterAll(socket: DeliverySocket): Promise<void> {
    while (isConnected(socket)) {
      try {
        await this.#enterKnown(socket);
        return;
      } catch (error) {
        this.#deps.reportFault('socket_join_failed', error);
        await new Promise<void>((resolve) => this.#deps.timers.after(RETRY, resolve));
      }
    }
  }

  async #enterKnown(socket: DeliverySocket): Promise<void> {
    const unchecked = await this.#filler.fill(socket);
    if (!isConnected(socket)) return;
    this.#deps.sockets.rooms.enterAll(socket, unchecked);
    for (const id of unchecked) this.#corrector.admitSoon(id, [socket]);
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
    const entering = sockets.filter(
      (socket) =>
        socket.connected &&
        (socket.data.mode === 'heads' || this.#deps.plain.admit(socket, conversationId)),
    );
    for (const socket of entering) this.#deps.sockets.rooms.enter(socket, conversationId);
    return entering;
  }

  async #compare(userIds: readonly string[]): Promise<void> {
    const due = userIds.filter((userId) => !this.#filler.isRunning(userId));
    if (due.length === 0) return;
    const { rooms } = this.#deps;
    const memberships = await Promise.all(due.map((userId) => rooms.conversationIdsOf(userId)));
    for (const [index, userId] of due.entries()) {
      await this.#compareUser(userId, new Set(memberships[index]));
    }
  }

  /** Sockets that have not entered their rooms yet are ignored: they will do so with memberships that are read later. */
  async #compareUser(userId: string, present: ReadonlySet<string>): Promise<void> {
    const { plain, sockets } = this.#deps;
    const { rooms } = sockets;
    const settled = rooms.settledSocketsOf(userId);
    for (const id of settled.length > 0 ? present : []) {
      const missing = settled.filter(
        (socket) =>
          !rooms.isIn(socket, id) && (socket.data.mode === 'heads' || plain.admit(socket, id)),
      );
      if (missing.length > 0) await this.#corrector.admit(id, missing);
    }
    const former = [...rooms.conversationsOf(userId)].filter((id) => !present.has(id));
    for (const id of former) await this.#corrector.dismissFormer(userId, id);
  }
}
