import type { DeliverySocket } from '../delivery/ports.ts';
import type { WrittenPage } from '../history/message-reader.ts';

/** A page as JSON: `entries` is the text of an array. */
export type SentPage = Omit<WrittenPage, 'last'> & { readonly conversationId: string };

/** Sends pages to one socket. */
export interface PageSender {
  /** Resolves when the client has acknowledged the page; rejects if it has not within 30 s. */
  send(socket: DeliverySocket, page: SentPage): Promise<void>;
  done(socket: DeliverySocket): void;
}

/** How far a client has acknowledged the pages of a conversation. */
export interface DeliveredMark {
  readonly conversationId: string;
  readonly userId: string;
  readonly deliveredSeq: number;
}
