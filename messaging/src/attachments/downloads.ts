import type { ObjectStore } from '@parley/backend-common';
import { LIMITS, type Now } from '@parley/common';
import type { OperationInput, OperationOutput } from '@parley/common/contract';

import type { Access } from '../conversations/access.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import { requireMember } from '../log/state.ts';
import type { DeletionApplier } from '../history/deletion-applier.ts';
import type { AttachmentDocument } from './attachment-document.ts';
import type { AttachmentRepository } from './attachment-repository.ts';
import type { AttachmentReservations } from './attachment-reservations.ts';
import { contentDisposition } from './disposition.ts';
import { storedType } from './media-types.ts';
import { noAttachment } from './refusals.ts';

interface DownloadsDeps {
  readonly store: ObjectStore;
  readonly attachments: Pick<AttachmentRepository, 'find'>;
  readonly access: Access;
  readonly log: Pick<ConversationLog, 'state'>;
  readonly entries: Pick<EntryRepository, 'findMessage'>;
  readonly deletions: Pick<DeletionApplier, 'applyUpTo'>;
  readonly reservations: Pick<AttachmentReservations, 'findMessage' | 'recordSent'>;
  readonly now: Now;
}

/** Signs short-lived download URLs. */
export class Downloads {
  readonly #deps: DownloadsDeps;

  constructor(deps: DownloadsDeps) {
    this.#deps = deps;
  }

  /** A URL for users who can see the message, and for the owner before it is sent. @throws AppError `not_found`, `unavailable` */
  async url(
    { attachmentId, variant }: OperationInput<'attachment:url'>,
    userId: string,
  ): Promise<OperationOutput<'attachment:url'>> {
    const { attachments, now, store } = this.#deps;
    const attachment = await attachments.find(attachmentId);
    if (attachment === null) throw noAttachment();
    await this.#requireVisible(attachment, userId);
    const expiresAt = now() + LIMITS.downloadUrl;
    const object = variant === 'original' ? original(attachment) : thumbnail(attachment);
    const url = await store.presignGet({ ...object, expiresInMs: LIMITS.downloadUrl });
    return { url, expiresAt };
  }

  async #requireVisible(attachment: AttachmentDocument, userId: string): Promise<void> {
    const { access, deletions } = this.#deps;
    const { _id, conversationId, ownerId, state } = attachment;
    if (state !== 'ready' && state !== 'reserved' && state !== 'sent') throw noAttachment();
    const seen = await access.require(conversationId, userId);
    if (state !== 'sent' && ownerId === userId) return;
    const messageId = attachment.messageId ?? (await this.#foundInLog(attachment));
    if (messageId === undefined) throw noAttachment();
    // Apply pending deletions before reading: a crash may have left one unapplied, and it deletes the attachment too.
    await deletions.applyUpTo(conversationId, seen.state.seq);
    const message = await this.#deps.entries.findMessage(conversationId, messageId);
    if (message?.attachment?.id !== _id) throw noAttachment();
    // A message newer than the known membership is visible to those who are members at its position.
    const { joinedSeq } =
      message.seq > seen.state.seq
        ? requireMember(await this.#deps.log.state(conversationId, message.seq), userId)
        : seen.member;
    if (message.seq < joinedSeq) throw noAttachment();
  }

  /** A message can be delivered before its attachment is marked as sent. */
  async #foundInLog(attachment: AttachmentDocument): Promise<string | undefined> {
    const { reservations } = this.#deps;
    const message = await reservations.findMessage(attachment);
    if (message === null) return undefined;
    await reservations.recordSent(attachment._id, message);
    return message._id;
  }
}

function original({ contentType, key = '', kind, name }: AttachmentDocument) {
  const how = kind === 'file' ? 'attachment' : 'inline';
  return {
    key,
    contentType: storedType(contentType),
    contentDisposition: contentDisposition(how, name),
  };
}

/** @throws AppError `not_found` when there is no thumbnail */
function thumbnail(attachment: AttachmentDocument) {
  const { thumbnailKey } = attachment;
  if (attachment.thumbnail !== 'made' || thumbnailKey === undefined) throw noAttachment();
  return { key: thumbnailKey, contentType: 'image/webp', contentDisposition: 'inline' };
}
