import type { DeliverySocket } from '../delivery/ports.ts';
import type { PagesAhead } from './pages-ahead.ts';

/** Where one plain socket stands in each conversation: replaying from a position, or live. */
export class PlainSession {
  readonly socket: DeliverySocket;
  /** The connection is gone, or a page was not acknowledged: nothing more is sent until the next connection. */
  isOver = false;
  isRunning = false;
  /** Pages that are read already, by conversation. */
  readonly ahead = new Map<string, PagesAhead>();
  /** The position of each replay; `undefined` until the cursor of the session has been read. */
  readonly #replaying = new Map<string, number | undefined>();
  readonly #live = new Set<string>();

  constructor(socket: DeliverySocket) {
    this.socket = socket;
  }

  /** A conversation whose entries after `seq` are to be replayed, unless it came live meanwhile. */
  expect(conversationId: string, seq: number): void {
    if (!this.#live.has(conversationId)) this.#replaying.set(conversationId, seq);
  }

  /** Goes back to replaying, from after `seq`, or from what was sent last, or else from the session's cursor. */
  replay(conversationId: string, seq: number | undefined): void {
    this.#live.delete(conversationId);
    this.#replaying.set(conversationId, seq ?? this.#replaying.get(conversationId));
  }

  /** Whether the cursor of the session has to be read before the replay of a conversation. */
  needsCursor(conversationId: string): boolean {
    return this.#replaying.has(conversationId) && this.#replaying.get(conversationId) === undefined;
  }

  /** Joins a conversation that is new to this socket; `false` where its replay is due. */
  admit(conversationId: string): boolean {
    if (this.#replaying.has(conversationId)) return false;
    this.#live.add(conversationId);
    return true;
  }

  goLive(conversationId: string): void {
    this.#replaying.delete(conversationId);
    this.#live.add(conversationId);
  }

  forget(conversationId: string): void {
    this.#replaying.delete(conversationId);
    this.#live.delete(conversationId);
  }

  isLive(conversationId: string): boolean {
    return this.#live.has(conversationId);
  }

  isReplaying(conversationId: string): boolean {
    return !this.isOver && this.#replaying.has(conversationId);
  }

  /** Notes what is on its way, before it is: a mark never passes it. */
  sent(conversationId: string, seq: number): void {
    if (this.#replaying.has(conversationId)) this.#replaying.set(conversationId, seq);
  }

  /** What has been sent of a conversation that is being replayed; 0 where nothing is known of it. */
  sentThrough(conversationId: string): number {
    return this.#replaying.get(conversationId) ?? 0;
  }

  /** The next conversation to replay, or the one behind that. */
  next(behind?: string): string | undefined {
    if (this.isOver) return undefined;
    for (const conversationId of this.#replaying.keys()) {
      if (conversationId !== behind) return conversationId;
    }
    return undefined;
  }

  waiting(): [conversationId: string, seq: number][] {
    return [...this.#replaying.keys()].map((conversationId) => [
      conversationId,
      this.sentThrough(conversationId),
    ]);
  }
}
