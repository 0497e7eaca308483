import { AppError, type ErrorCode, type Now } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { AttachmentContent } from '../log/attachment-content.ts';
import type { Appended } from '../log/conversation-log.ts';
import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { MessageAttachments, MessageWithAttachment } from '../messages/ports.ts';
import { DELETING, contentOf, isPending, type AttachmentDocument } from './attachment-document.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository, Reservation } from './attachment-repository.ts';
import { noAttachment } from './refusals.ts';
import type { ShowThumbnail } from './thumbnails.ts';

interface AttachmentReservationsDeps {
  readonly attachments: AttachmentRepository;
  readonly entries: Pick<EntryRepository, 'findByClientKey'>;
  readonly metrics: Pick<AttachmentMetrics, 'count'>;
  readonly showThumbnail: ShowThumbnail;
  readonly now: Now;
  readonly reportFault: ReportFault;
}

/** Refusals after which no message with this client id can follow. After any other one may, so the reservation stays. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['not_found', 'forbidden', 'client_id_reused']);

/** Reserves attachments for messages. Works without a store: ready attachments can be sent. */
export class AttachmentReservations implements MessageAttachments {
  readonly #deps: AttachmentReservationsDeps;

  constructor(deps: AttachmentReservationsDeps) {
    this.#deps = deps;
  }

  async reserve(message: MessageWithAttachment): Promise<AttachmentContent> {
    const { attachments, now } = this.#deps;
    const wanted = reservationOf(message);
    const at = now();
    const reserved =
      (await attachments.reserve(wanted, at)) ?? (await attachments.extendReservation(wanted, at));
    if (reserved !== null) return contentOf(reserved);
    const found = await attachments.find(wanted.attachmentId);
    const isTheirs =
      found?.ownerId === wanted.ownerId && found.conversationId === wanted.conversationId;
    if (!isTheirs || found.state === DELETING) throw noAttachment();
    if (isPending(found)) throw new AppError('conflict', 'The attachment is not complete yet');
    // A repeat of a sent message: the log returns the stored entry.
    if (found.clientId === wanted.clientId) return contentOf(found);
    throw new AppError('conflict', 'The attachment belongs to another message');
  }

  async settle(message: MessageWithAttachment, appending: Promise<Appended>): Promise<Appended> {
    const { attachmentId, clientId } = message;
    const { attachments, reportFault } = this.#deps;
    let appended: Appended;
    try {
      appended = await appending;
    } catch (error) {
      if (error instanceof AppError && FINAL.has(error.code)) {
        await attachments.release(attachmentId, clientId);
      }
      throw error;
    }
    try {
      if (appended.kind !== 'nothing') await this.recordSent(attachmentId, appended.document);
    } catch (error) {
      // The message is in the log, where the next download or the sweeper finds it.
      reportFault('attachment_not_marked_sent', error);
    }
    return appended;
  }

  /** The message for which an attachment is reserved; `null`: it is not in the log. */
  async findMessage({ _id, clientId, conversationId, ownerId }: AttachmentDocument) {
    if (clientId === undefined) return null;
    const key = { conversationId, senderId: ownerId, clientId };
    const entry = await this.#deps.entries.findByClientKey(key);
    return carries(entry, _id) ? entry : null;
  }

  /** Records that the log has the message with this attachment, and shows a thumbnail that was made in the meantime. */
  async recordSent(attachmentId: string, message: EntryDocument): Promise<void> {
    if (!carries(message, attachmentId)) return;
    const { attachments, metrics, showThumbnail } = this.#deps;
    const { _id: messageId, attachment, conversationId } = message;
    for (;;) {
      const seen = await attachments.find(attachmentId);
      if (seen?.state !== 'reserved' || seen.clientId !== message.clientId) return;
      if (seen.thumbnail === 'made' && attachment?.thumbnail === false) {
        const notify = await showThumbnail({ conversationId, messageId, attachmentId });
        notify();
      }
      if ((await attachments.markSent(seen, messageId)) !== null) {
        metrics.count('sent');
        return;
      }
    }
  }
}

function carries(entry: EntryDocument | null, attachmentId: string): entry is MessageDocument {
  return entry?.kind === 'message' && entry.attachment?.id === attachmentId;
}

function reservationOf({ senderId, ...rest }: MessageWithAttachment): Reservation {
  return { ...rest, ownerId: senderId };
}
