import type { Attachment } from '@parley/common/contract';

/** What a message holds of its attachment. */
export type AttachmentContent = Omit<Attachment, 'conversationId' | 'ownerId' | 'state'>;

/** The attachment of a message as clients see it; `null` where there is none or the message was deleted. */
export function attachmentOf(message: {
  readonly conversationId: string;
  readonly senderId: string;
  readonly attachment?: AttachmentContent | null;
  readonly deletedSeq?: number;
}): Attachment | null {
  const { attachment, conversationId, senderId } = message;
  if (attachment === undefined || attachment === null || message.deletedSeq !== undefined) {
    return null;
  }
  return { ...attachment, conversationId, ownerId: senderId, state: 'ready' };
}
