import { AppError, type ErrorCode, type Now } from '@parley/common';

import type { AttachmentContent } from '../log/attachment-content.ts';
import type { Appended } from '../log/conversation-log.ts';
import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import type { AttachmentDesk, Consignment } from '../messages/ports.ts';
import { contentOf, isPending, type AttachmentDocument } from './attachment-document.ts';
import type { AttachmentMetrics } from './attachment-metrics.ts';
import type { AttachmentRepository, Reservation } from './attachment-repository.ts';
import { noAttachment } from './refusals.ts';
import type { ShowThumbnail } from './thumbnails.ts';

interface DeskDeps {
  readonly attachments: AttachmentRepository;
  readonly entries: Pick<EntryRepository, 'findByClientKey'>;
  readonly metrics: Pick<AttachmentMetrics, 'count'>;
  readonly show: ShowThumbnail;
  readonly now: Now;
  readonly onFault: (fault: string, error: unknown) => void;
}

/** Refusals after which a message under this key will not come. After any other it may still, so the hold stays. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['not_found', 'forbidden', 'client_id_reused']);

/** Gives attachments to messages. Needs no store: what is ready stays so. */
export class Desk implements AttachmentDesk {
  readonly #deps: DeskDeps;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  async reserve(consignment: Consignment): Promise<AttachmentContent> {
    const { attachments, now } = this.#deps;
    const wanted = reservationOf(consignment);
    const at = now();
    const held =
      (await attachments.reserve(wanted, at)) ?? (await attachments.reserveAgain(wanted, at));
    if (held !== null) return contentOf(held);
    const found = await attachments.find(wanted.attachmentId);
    const isTheirs =
      found?.ownerId === wanted.ownerId && found.conversationId === wanted.conversationId;
    if (!isTheirs || found.state === 'doomed') throw noAttachment();
    if (isPending(found)) throw new AppError('conflict', 'The attachment is not complete yet');
    // Sent under this key already: the log answers what it has.
    if (found.clientId === wanted.clientId) return contentOf(found);
    throw new AppError('conflict', 'The attachment was given to another message');
  }

  async settle(consignment: Consignment, appending: Promise<Appended>): Promise<Appended> {
    const { attachmentId, clientId } = consignment;
    const { attachments, onFault } = this.#deps;
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
      // The message stands. Whoever asks for the file, or the sweeper, finds it in the log.
      onFault('An attachment could not be marked as sent yet', error);
    }
    return appended;
  }

  /** The message for which an attachment is held, where it stands in the log. */
  async messageOf({ _id, clientId, conversationId, ownerId }: AttachmentDocument) {
    if (clientId === undefined) return null;
    const key = { conversationId, senderId: ownerId, clientId };
    const entry = await this.#deps.entries.findByClientKey(key);
    return carries(entry, _id) ? entry : null;
  }

  /** Records that a message stands which carries the attachment; with a small picture that came meanwhile. */
  async recordSent(attachmentId: string, message: EntryDocument): Promise<void> {
    if (!carries(message, attachmentId)) return;
    const { attachments, metrics, show } = this.#deps;
    const { _id: messageId, attachment, conversationId } = message;
    for (;;) {
      const seen = await attachments.find(attachmentId);
      if (seen?.state !== 'reserved' || seen.clientId !== message.clientId) return;
      if (seen.thumbnail === 'made' && attachment?.thumbnail === false) {
        await show({ conversationId, messageId, attachmentId });
      }
      if ((await attachments.sent(seen, messageId)) !== null) {
        metrics.count('sent');
        return;
      }
    }
  }
}

function carries(entry: EntryDocument | null, attachmentId: string): entry is MessageDocument {
  return entry?.kind === 'message' && entry.attachment?.id === attachmentId;
}

function reservationOf({ senderId, ...rest }: Consignment): Reservation {
  return { ...rest, ownerId: senderId };
}
