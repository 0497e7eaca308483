import type { Appended } from '../log/conversation-log.ts';
import type { AttachmentContent } from '../log/attachment-content.ts';

/** A message that is sent with an attachment. */
export interface MessageWithAttachment {
  readonly attachmentId: string;
  readonly conversationId: string;
  readonly senderId: string;
  /** Client id of the message. */
  readonly clientId: string;
}

/** Reserves attachments for messages, each for one. */
export interface MessageAttachments {
  /**
   * Reserves a ready attachment of the sender for a message. The same message may reserve it again.
   * @throws AppError `not_found`, `conflict` (not ready, or reserved for another message)
   */
  reserve(message: MessageWithAttachment): Promise<AttachmentContent>;
  /** Waits for the append of the message, then marks the attachment as sent, or releases it if the message cannot follow. */
  settle(message: MessageWithAttachment, appending: Promise<Appended>): Promise<Appended>;
}
