import type { Collection, Db } from 'mongodb';

import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';

/** Reads and writes the copies of attachments in the messages of `entries`. */
export class MessageAttachmentRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** Ids of the attachments of messages; index `_id_`. */
  async attachmentIdsOf(messageIds: readonly string[]): Promise<string[]> {
    const found = await this.#entries
      .find<Pick<MessageDocument, 'attachment'>>(
        { _id: { $in: [...messageIds] }, 'attachment.id': { $exists: true } },
        { projection: { _id: 0, 'attachment.id': 1 } },
      )
      .toArray();
    return found.flatMap(({ attachment }) => attachment?.id ?? []);
  }

  /** Records that the attachment of a message has a thumbnail; a deleted message has no attachment. Index `_id_`. */
  async showThumbnail(messageId: string, attachmentId: string): Promise<void> {
    await this.#entries.updateOne(
      { _id: messageId, 'attachment.id': attachmentId },
      { $set: { 'attachment.thumbnail': true } },
    );
  }
}
