import type { DeliverySocket } from '../delivery/ports.ts';
import type { WrittenPage } from '../history/message-reader.ts';

/** A page as JSON: `entries` is the text of an array. */
export type SentPage = Omit<WrittenPage, 'last'> & { readonly conversationId: string };

/**
 * What became of a page. `unacknowledged`: the network has taken it, and the time for its acknowledgement is over.
 * `disconnected`: the connection has ended.
 */
export type PageReceipt = 'acknowledged' | 'unacknowledged' | 'disconnected';

/** Sends pages to one socket. */
export interface PageSender {
  /** Sends a page, and waits `patience` milliseconds for its acknowledgement. */
  send(socket: DeliverySocket, page: SentPage, patience: number): Promise<PageReceipt>;
  done(socket: DeliverySocket): void;
}

/** How far a client has acknowledged the pages of a conversation. */
export interface DeliveredMark {
  readonly conversationId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
}
