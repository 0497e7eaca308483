import type { Appended } from '../log/conversation-log.ts';
import type { AttachmentContent } from '../log/attachment-content.ts';

/** A message that is to carry an attachment. */
export interface Consignment {
  readonly attachmentId: string;
  readonly conversationId: string;
  readonly senderId: string;
  /** The key of the message. */
  readonly clientId: string;
}

/** Gives attachments to messages, each to one. */
export interface AttachmentDesk {
  /**
   * Holds a ready attachment of the sender for one message; the same message may ask again.
   * @throws AppError `not_found`, `conflict` (not ready, or held for another message)
   */
  reserve(consignment: Consignment): Promise<AttachmentContent>;
  /** Records what became of the message: the attachment is sent, or free again where the message was refused for good. */
  settle(consignment: Consignment, appending: Promise<Appended>): Promise<Appended>;
}
