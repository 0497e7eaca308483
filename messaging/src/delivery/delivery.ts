import { SECOND } from '@parley/common';

import { toEntry, type EntryDocument, type MembersDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { Committed } from '../log/ports.ts';
import type { ConversationState } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import type { GateOutlet, Offered } from './gate.ts';
import { GateKeeper, SWEEP_EVERY } from './gate-keeper.ts';
import type { ConversationPresenter, DeliverySocket, HintBus, LocalSockets } from './ports.ts';
import type { RoomRepository } from './room-repository.ts';

interface DeliveryDeps {
  readonly sockets: LocalSockets;
  readonly hints: HintBus;
  readonly log: {
    tails(conversationIds: readonly string[]): Promise<Map<string, number>>;
    state(conversationId: string, seq?: number): Promise<ConversationState>;
    noteTail(conversationId: string, seq: number): void;
  };
  readonly entries: Pick<EntryRepository, 'range'>;
  readonly rooms: RoomRepository;
  readonly presenter: ConversationPresenter;
  readonly timers: Timers;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly onFault: (fault: string, error: unknown) => void;
}

/** What plain sockets need, which get their missed entries pushed. */
export interface PlainSockets {
  /** Begins to push what the session has not acknowledged. */
  begin(socket: DeliverySocket): void;
  /** A conversation that the socket joins right now; `false` while its replay will reach it anyway. */
  admit(socket: DeliverySocket, conversationId: string): boolean;
  /** Pushes one conversation again: from after `seq`, or from where the session's cursor stands. */
  restart(socket: DeliverySocket, conversationId: string, seq?: number): void;
  /** The socket has left a conversation. */
  forget(socket: DeliverySocket, conversationId: string): void;
  end(socket: DeliverySocket): void;
}

/** A place in a log. */
export interface Position {
  readonly conversationId: string;
  readonly seq: number;
}

/** A socket on its way into its rooms. */
interface Arrival {
  readonly removedMeanwhile: Set<string>;
  readonly done: Promise<void>;
}

/** Slices of local users whose rooms are compared with their memberships, one a sweep. */
const SLICES = 15;
const RESYNC_WITHIN = 2 * SECOND;
const RETRY = SECOND / 2;

/** Brings committed entries to the sockets of this node and tells the other nodes of them. */
export class Delivery {
  readonly gates: GateKeeper;
  readonly #deps: DeliveryDeps;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #attached = new Map<string, DeliverySocket>();
  #plain: PlainSockets | undefined;
  #sweeping: NodeJS.Timeout | undefined;
  #slice = 0;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.gates = new GateKeeper({
      ...deps,
      outletOf: (conversationId) => this.#outlet(conversationId),
      tails: (conversationIds) => deps.log.tails(conversationIds),
      noteTail: (conversationId, seq) => deps.log.noteTail(conversationId, seq),
      hasSockets: (conversationId) => deps.sockets.hasConversation(conversationId),
      after: (ms, callback) => deps.timers.after(ms, callback),
    });
  }

  /** Begins to listen and to compare. */
  start(plain: PlainSockets): void {
    this.#plain = plain;
    this.#deps.hints.onHint((documents) => this.#heard(documents));
    this.#sweeping = setInterval(() => {
      this.sweep().catch((error: unknown) => this.#deps.onFault('A comparison failed', error));
    }, SWEEP_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#sweeping);
    this.gates.close();
  }

  /** Entries that this node wrote or read as committed. */
  committed({ documents, isOwn, origins }: Committed): void {
    if (isOwn) this.#deps.hints.publish(documents);
    for (const document of documents)
      this.#deliver({ document, originSocketId: origins?.get(document._id) });
  }

  /** Lets a socket into its conversations. A plain one enters each when its replay is done. */
  attach(socket: DeliverySocket): void {
    this.#attached.set(socket.id, socket);
    if (socket.data.mode === 'plain') {
      this.#plain?.begin(socket);
      return;
    }
    const removedMeanwhile = new Set<string>();
    const done = this.#enterAll(socket, removedMeanwhile);
    this.#arrivals.set(socket.id, { removedMeanwhile, done });
    done.then(
      () => this.#arrivals.delete(socket.id),
      () => undefined,
    );
  }

  detach(socket: DeliverySocket): void {
    this.#attached.delete(socket.id);
    this.#arrivals.delete(socket.id);
    this.#plain?.end(socket);
  }

  /** Resolves when a socket stands in all its rooms: from then on nothing passes it by. */
  async arrived(socketId: string): Promise<void> {
    await this.#arrivals.get(socketId)?.done;
  }

  /**
   * Lets a plain socket in if the gate stands at exactly `seq`, and tells `onEntered` in the same turn.
   * Answers whether the socket is still behind.
   */
  async enter(socket: DeliverySocket, at: Position, onEntered: () => void): Promise<boolean> {
    const { conversationId, seq } = at;
    await this.gates.ensure([conversationId]);
    const gate = this.gates.get(conversationId);
    // The replay may have read further than the gate has heard.
    gate?.noteTail(seq);
    if (gate?.position !== seq || !gate.isSettled) return true;
    onEntered();
    socket.join(this.#deps.sockets.room(conversationId));
    return false;
  }

  /** One comparison of gates with logs and of rooms with memberships. Runs every 2 s. */
  async sweep(): Promise<void> {
    await this.gates.sweep();
    this.#slice = (this.#slice + 1) % SLICES;
    let index = 0;
    const due = new Map<string, DeliverySocket[]>();
    for (const socket of this.#attached.values()) {
      index += 1;
      if (index % SLICES !== this.#slice || this.#arrivals.has(socket.id)) continue;
      const { userId } = socket.data.caller;
      due.set(userId, [...(due.get(userId) ?? []), socket]);
    }
    await this.#compareRooms(due);
  }

  /** Compares everything: after the link to the other nodes was lost and is back. */
  async compareAll(): Promise<void> {
    await this.gates.compareAll();
    const all = new Map<string, DeliverySocket[]>();
    for (const socket of this.#attached.values()) {
      const { userId } = socket.data.caller;
      all.set(userId, [...(all.get(userId) ?? []), socket]);
    }
    await this.#compareRooms(all);
  }

  #heard(documents: readonly EntryDocument[]): void {
    for (const document of documents) {
      this.#deps.log.noteTail(document.conversationId, document.seq);
      this.#deliver({ document, originSocketId: undefined });
    }
  }

  #deliver(offered: Offered): void {
    const { document } = offered;
    if (document.kind === 'members') this.#prepare(document);
    this.gates.offer(offered);
  }

  /** A change of members concerns sockets that are in no room yet. */
  #prepare(document: MembersDocument): void {
    const { action, conversationId, seq, userIds } = document;
    const isPresent = (userId: string) => this.#deps.sockets.ofUser(userId).length > 0;
    if (action === 'added' && userIds.some(isPresent)) this.gates.openBefore(conversationId, seq);
    if (action !== 'removed' && action !== 'left') return;
    for (const userId of userIds) {
      for (const socket of this.#deps.sockets.ofUser(userId)) {
        this.#arrivals.get(socket.id)?.removedMeanwhile.add(conversationId);
      }
    }
  }

  async #enterAll(socket: DeliverySocket, removedMeanwhile: ReadonlySet<string>): Promise<void> {
    const { userId } = socket.data.caller;
    while (socket.connected) {
      try {
        const memberships = await this.#deps.rooms.conversationIdsOf([userId]);
        const present = memberships.get(userId) ?? [];
        const conversationIds = present.filter((id) => !removedMeanwhile.has(id));
        // The socket may have gone while the memberships were read.
        if (!isConnected(socket)) return;
        for (const id of conversationIds) socket.join(this.#deps.sockets.room(id));
        await this.gates.ensure(conversationIds);
        return;
      } catch (error) {
        this.#deps.onFault('A socket could not be let into its conversations yet', error);
        await new Promise<void>((resolve) => this.#deps.timers.after(RETRY, resolve));
      }
    }
  }

  #outlet(conversationId: string): GateOutlet {
    const { entries, onFault, timers } = this.#deps;
    return {
      release: (offered) => this.#release(offered),
      read: (after, limit) => entries.range(conversationId, { after, limit, from: 'oldest' }),
      skipped: (seq, from) => {
        this.#reconcile(conversationId, { from, seq }).catch((error: unknown) =>
          onFault('Sockets could not be told to compare', error),
        );
      },
      after: (ms, callback) => timers.after(ms, callback),
      onFault,
    };
  }

  #release({ document, originSocketId }: Offered): Promise<void> | undefined {
    if (document.kind === 'members' && document.action !== 'role') {
      return this.#releaseMembers(document, originSocketId);
    }
    this.#deps.sockets.emitEntry(toEntry(document), originSocketId);
    return undefined;
  }

  async #releaseMembers(
    document: MembersDocument,
    originSocketId: string | undefined,
  ): Promise<void> {
    const { sockets } = this.#deps;
    const { conversationId, userIds } = document;
    if (document.action === 'added') {
      for (const userId of userIds) await this.#welcome(conversationId, sockets.ofUser(userId));
    }
    sockets.emitEntry(toEntry(document), originSocketId);
    if (document.action === 'added') return;
    for (const userId of userIds) this.#dismiss(conversationId, sockets.ofUser(userId));
  }

  /** Puts the sockets of one person into a conversation and shows it to them. */
  async #welcome(conversationId: string, sockets: readonly DeliverySocket[]): Promise<void> {
    const [first] = sockets;
    if (first === undefined) return;
    const { onFault, presenter } = this.#deps;
    const conversation = await presenter
      .present(conversationId, first.data.caller.userId)
      .catch((error: unknown) => {
        onFault('A conversation could not be shown to a new member', error);
        return undefined;
      });
    for (const socket of sockets) {
      if (!socket.connected) continue;
      if (conversation !== undefined) {
        this.#deps.sockets.emit(socket, 'conversation', { action: 'added', conversation });
      }
      const isPlain = socket.data.mode === 'plain';
      if (isPlain && this.#plain?.admit(socket, conversationId) === false) continue;
      socket.join(this.#deps.sockets.room(conversationId));
    }
  }

  #dismiss(conversationId: string, sockets: readonly DeliverySocket[]): void {
    for (const socket of sockets) {
      socket.leave(this.#deps.sockets.room(conversationId));
      this.#plain?.forget(socket, conversationId);
      this.#deps.sockets.emit(socket, 'conversation', { action: 'removed', conversationId });
    }
  }

  /** The gate went on without sending: clients compare for themselves, and who is no member any more leaves. */
  async #reconcile(
    conversationId: string,
    { from, seq }: { from: number; seq: number },
  ): Promise<void> {
    const { log, sockets } = this.#deps;
    const { membership } = await log.state(conversationId, seq);
    for (const socket of sockets.inConversation(conversationId)) {
      if (!membership.members.has(socket.data.caller.userId)) {
        this.#dismiss(conversationId, [socket]);
      } else if (socket.data.mode === 'plain') {
        socket.leave(sockets.room(conversationId));
        this.#plain?.restart(socket, conversationId, from);
      } else {
        sockets.emit(socket, 'resync', {
          conversationIds: [conversationId],
          withinMs: RESYNC_WITHIN,
        });
      }
    }
  }

  async #compareRooms(due: ReadonlyMap<string, readonly DeliverySocket[]>): Promise<void> {
    if (due.size === 0) return;
    const memberships = await this.#deps.rooms.conversationIdsOf([...due.keys()]);
    for (const [userId, sockets] of due) {
      const present = new Set(memberships.get(userId));
      for (const conversationId of present) {
        const room = this.#deps.sockets.room(conversationId);
        const missing = sockets.filter((socket) => socket.connected && !socket.rooms.has(room));
        await this.#admitLate(conversationId, missing);
      }
      for (const socket of sockets) await this.#dismissLate(socket, present);
    }
  }

  /** A removal whose hint was lost. The log has the last word, because the memberships were read a while ago. */
  async #dismissLate(socket: DeliverySocket, present: ReadonlySet<string>): Promise<void> {
    const { log, sockets } = this.#deps;
    for (const conversationId of sockets.conversationsOf(socket)) {
      if (present.has(conversationId)) continue;
      const tails = await log.tails([conversationId]);
      const { membership } = await log.state(conversationId, tails.get(conversationId));
      if (!membership.members.has(socket.data.caller.userId))
        this.#dismiss(conversationId, [socket]);
    }
  }

  /** A membership whose hint was lost: the sockets come in now and compare for themselves. */
  async #admitLate(conversationId: string, sockets: readonly DeliverySocket[]): Promise<void> {
    const late = sockets.filter(
      (socket) =>
        socket.data.mode === 'heads' || this.#plain?.admit(socket, conversationId) === true,
    );
    if (late.length === 0) return;
    await this.gates.ensure([conversationId]);
    for (const socket of late) {
      if (socket.data.mode === 'plain') {
        this.#plain?.restart(socket, conversationId);
        continue;
      }
      socket.join(this.#deps.sockets.room(conversationId));
      this.#deps.sockets.emit(socket, 'resync', { conversationIds: [conversationId], withinMs: 0 });
    }
  }
}

function isConnected(socket: DeliverySocket): boolean {
  return socket.connected;
}
