import type { Collection, Db } from '@parley/backend-common';

import {
  directKeyOf,
  type ConversationDocument,
} from '../conversations/conversation-repository.ts';
import type { EntryDocument } from '../log/entry-document.ts';

/** The direct conversation of a user with another. */
export interface DirectWith {
  readonly userId: string;
  readonly conversationId: string;
}

/** Reads from `conversations` and `entries` which users have written to each other. */
export class ContactRepository {
  readonly #conversations: Collection<ConversationDocument>;
  readonly #entries: Collection<EntryDocument>;

  constructor(db: Db) {
    this.#conversations = db.collection<ConversationDocument>('conversations');
    this.#entries = db.collection<EntryDocument>('entries');
  }

  /** The direct conversations of a user with those of `others` that have one; index `direct`. */
  async directsWith(userId: string, others: readonly string[]): Promise<DirectWith[]> {
    const byKey = new Map(others.map((other) => [directKeyOf(userId, other), other]));
    const found = await this.#conversations
      .find({ directKey: { $in: [...byKey.keys()] } }, { projection: { directKey: 1 } })
      .hint('direct')
      .toArray();
    return found.map(({ _id, directKey = '' }) => ({
      userId: byKey.get(directKey) ?? '',
      conversationId: _id,
    }));
  }

  /** Whether a user has written a message in a conversation; index `client`. */
  async hasWritten(conversationId: string, senderId: string): Promise<boolean> {
    const found = await this.#entries.findOne(
      { conversationId, senderId, kind: 'message' },
      { projection: { _id: 1 }, hint: 'client' },
    );
    return found !== null;
  }
}
