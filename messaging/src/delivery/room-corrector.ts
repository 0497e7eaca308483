import { SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { ConversationState } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import type { OrderedDeliveryRegistry } from './ordered-delivery-registry.ts';
import type { DeliverySocket, LocalSockets, PlainSockets } from './ports.ts';

interface RoomCorrectorDeps {
  readonly sockets: LocalSockets;
  readonly deliveries: Pick<OrderedDeliveryRegistry, 'countChange' | 'ensure' | 'get'>;
  readonly log: {
    tails(conversationIds: readonly string[]): Promise<Map<string, number>>;
    state(conversationId: string, seq?: number): Promise<ConversationState>;
  };
  readonly plain: Pick<PlainSockets, 'admit' | 'forget' | 'restart'>;
  readonly timers: Timers;
  readonly reportFault: ReportFault;
}

/** Milliseconds between attempts while the database does not answer. */
export const RETRY = SECOND / 2;
/** Milliseconds within which the clients of a room compare heads, so that they do not all do so at once. */
export const RESYNC_WITHIN = 2 * SECOND;
/** Attempts to read a conversation that keeps changing. After them, the next comparison tries again. */
const ATTEMPTS = 5;

/**
 * Corrects the rooms of sockets that did not get the entry with which their users joined or left. Only the log decides
 * who is a member.
 */
export class RoomCorrector {
  readonly #deps: RoomCorrectorDeps;

  constructor(deps: RoomCorrectorDeps) {
    this.#deps = deps;
  }

  /** Takes the sockets of a user out of a conversation and notifies their clients. */
  dismissUser(conversationId: string, userId: string): void {
    const { deliveries, plain, sockets } = this.#deps;
    for (const socket of sockets.ofUser(userId)) {
      plain.forget(socket, conversationId);
      sockets.emit(socket, 'conversation', { action: 'removed', conversationId });
    }
    sockets.rooms.forget(userId, conversationId, deliveries.countChange());
  }

  /** The same as {@link admit}, without waiting; an error is reported. */
  admitSoon(conversationId: string, sockets: readonly DeliverySocket[]): void {
    this.admit(conversationId, sockets).catch((error: unknown) =>
      this.#deps.reportFault('conversation_join_failed', error),
    );
  }

  /** Puts those sockets of members into the room that are not in it. They missed the entry of the join, so they resync or get a replay. */
  async admit(conversationId: string, sockets: readonly DeliverySocket[]): Promise<void> {
    const { rooms } = this.#deps.sockets;
    const isMissing = (socket: DeliverySocket) =>
      isConnected(socket) && !rooms.isIn(socket, conversationId);
    if (!sockets.some(isMissing)) return;
    await this.#deps.deliveries.ensure([conversationId]);
    await this.#atPosition(conversationId, (members) => {
      const { plain } = this.#deps;
      for (const socket of sockets) {
        if (!isMissing(socket) || !members.has(socket.data.caller.userId)) continue;
        if (socket.data.mode === 'heads') {
          rooms.enter(socket, conversationId);
          const resync = { conversationIds: [conversationId], withinMs: 0 };
          this.#deps.sockets.emit(socket, 'resync', resync);
        } else if (plain.admit(socket, conversationId)) {
          plain.restart(socket, conversationId);
        }
      }
    });
  }

  /** Retries until every socket is back in the room, gets a replay, or was notified that its user is no longer a member. */
  async readmit(conversationId: string, sockets: readonly DeliverySocket[]): Promise<void> {
    const { reportFault, timers } = this.#deps;
    while (sockets.some(isConnected)) {
      try {
        if (await this.#readmitNow(conversationId, sockets)) return;
      } catch (error) {
        reportFault('resync_notice_failed', error);
      }
      await new Promise<void>((resolve) => timers.after(RETRY, resolve));
    }
  }

  /** Returns whether the members at the position of the delivery are known. */
  async #readmitNow(conversationId: string, sockets: readonly DeliverySocket[]): Promise<boolean> {
    await this.#deps.deliveries.ensure([conversationId]);
    return this.#atPosition(conversationId, (members) => {
      for (const socket of sockets) {
        if (members.has(socket.data.caller.userId)) this.#readmitOne(conversationId, socket);
      }
      const former = sockets.map(({ data }) => data.caller.userId).filter((id) => !members.has(id));
      for (const userId of new Set(former)) this.dismissUser(conversationId, userId);
    });
  }

  #readmitOne(conversationId: string, socket: DeliverySocket): void {
    const { sockets } = this.#deps;
    if (!isConnected(socket) || socket.data.mode !== 'heads') return;
    sockets.rooms.enter(socket, conversationId);
    const resync = { conversationIds: [conversationId], withinMs: RESYNC_WITHIN };
    sockets.emit(socket, 'resync', resync);
  }

  /**
   * Calls `act` with the users who are members both at the position of the delivery and at the end of the log as this
   * node knows it, in the same turn of the event loop: a cluster event may be old, and users who join or leave after
   * that position do so with their entry. Returns `false` if the delivery was ahead of the log in every attempt.
   */
  async #atPosition(
    conversationId: string,
    act: (members: ReadonlySet<string>) => void,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ordered = this.#deps.deliveries.get(conversationId);
      const { membership, seq } = await this.#deps.log.state(conversationId, ordered?.position);
      const position = ordered?.position ?? 0;
      if (position > seq) continue;
      const members = [...membership.members.values()].filter(
        ({ joinedSeq }) => joinedSeq <= position,
      );
      act(new Set(members.map(({ userId }) => userId)));
      return true;
    }
    return false;
  }

  /** Takes a user out of a conversation if it has left according to the log: its stored membership may be out of date. */
  async dismissFormer(userId: string, conversationId: string): Promise<void> {
    const { log } = this.#deps;
    const tails = await log.tails([conversationId]);
    const { membership } = await log.state(conversationId, tails.get(conversationId));
    if (!membership.members.has(userId)) this.dismissUser(conversationId, userId);
  }
}

/** Check again after each await: the socket may have disconnected. */
export function isConnected(socket: DeliverySocket): boolean {
  return socket.connected;
}
