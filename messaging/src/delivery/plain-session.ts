import type { DeliverySocket } from './ports.ts';

/** What must be replayed to one plain socket. In all other conversations it is live once it is in their rooms. */
export class PlainSession {
  readonly socket: DeliverySocket;
  /** Whether nothing more is replayed: the connection was closed, or the node stops. */
  isOver = false;
  isRunning = false;
  /** Whether the client acknowledged the last page, or was not sent one. */
  acknowledges = true;
  /** The position of each replay; `undefined` until the cursor of the session has been read. */
  readonly #replaying = new Map<string, number | undefined>();
  /** Conversations of which a page was not acknowledged. */
  readonly #unacknowledged = new Set<string>();

  constructor(socket: DeliverySocket) {
    this.socket = socket;
  }

  /** Sets the position after which a conversation is replayed; `undefined`: after the session's cursor. */
  expect(conversationId: string, seq: number | undefined): void {
    this.#replaying.set(conversationId, seq);
  }

  /** Replays a conversation again: after `seq`, else after the last entry sent in its replay, else from the session's cursor. */
  replay(conversationId: string, seq: number | undefined): void {
    this.#replaying.set(conversationId, seq ?? this.#replaying.get(conversationId));
  }

  /** Whether the cursor of the session must be read before the replay of a conversation. */
  needsCursor(conversationId: string): boolean {
    return this.#replaying.has(conversationId) && this.#replaying.get(conversationId) === undefined;
  }

  /** Whether no replay of a conversation is to be done before the socket may enter its room. */
  mayEnter(conversationId: string): boolean {
    return !this.#replaying.has(conversationId);
  }

  /** Ends the replay of a conversation: it is live now, or the user has left it. */
  finish(conversationId: string): void {
    this.#replaying.delete(conversationId);
  }

  isReplaying(conversationId: string): boolean {
    return !this.isOver && this.#replaying.has(conversationId);
  }

  /** Records the last entry of a page before it is sent, so that no mark can exceed it. */
  sent(conversationId: string, seq: number): void {
    if (this.#replaying.has(conversationId)) this.#replaying.set(conversationId, seq);
  }

  /** Records whether a page was acknowledged. Returns whether all pages of the conversation were. */
  noteAcknowledged(conversationId: string, isAcknowledged: boolean): boolean {
    this.acknowledges = isAcknowledged;
    if (!isAcknowledged) this.#unacknowledged.add(conversationId);
    return !this.#unacknowledged.has(conversationId);
  }

  /** The highest `seq` that was sent of a conversation in its replay; 0 if that is not known. */
  sentThrough(conversationId: string): number {
    return this.#replaying.get(conversationId) ?? 0;
  }

  /** The next conversation to replay other than `behind`. */
  next(behind?: string): string | undefined {
    if (this.isOver) return undefined;
    for (const conversationId of this.#replaying.keys()) {
      if (conversationId !== behind) return conversationId;
    }
    return undefined;
  }

  /** The conversations to replay. */
  waiting(): string[] {
    return [...this.#replaying.keys()];
  }
}
