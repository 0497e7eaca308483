import type { Collection, Db } from 'mongodb';

import type { DeletedMessages } from '../history/deletion-applier.ts';
import type { EntryDocument, MessageDocument } from '../log/entry-document.ts';

/** A thumbnail, and the message that shows it. */
interface ShownThumbnail {
  readonly attachmentId: string;
  readonly conversationId: string;
  readonly messageId: string;
}

/** Reads and writes the copies of attachments in the messages of `entries`. */
export class MessageAttachmentRepository {
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** Ids of the attachments of messages; index `_id_`. */
  async attachmentIdsOf({ conversationId, messageIds }: DeletedMessages): Promise<string[]> {
    const found = await this.#entries
      .find<Pick<MessageDocument, 'attachment'>>(
        {
          _id: { $in: [...messageIds] },
          conversationId,
          'attachment.id': { $exists: true },
        },
        { projection: { _id: 0, 'attachment.id': 1 }, hint: '_id_' },
      )
      .toArray();
    return found.flatMap(({ attachment }) => attachment?.id ?? []);
  }

  /** Records that the attachment of a message has a thumbnail; a deleted message has no attachment. Index `_id_`. */
  async showThumbnail(shown: ShownThumbnail): Promise<void> {
    const { attachmentId, conversationId, messageId } = shown;
    await this.#entries.updateOne(
      { _id: messageId, conversationId, 'attachment.id': attachmentId },
      { $set: { 'attachment.thumbnail': true } },
      { hint: '_id_' },
    );
  }
}
