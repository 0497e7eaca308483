import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { DeletionDocument, EntryDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';

interface DeletionApplierDeps {
  readonly entries: Pick<EntryRepository, 'operationsBetween' | 'redact'>;
  readonly conversations: Pick<ConversationRepository, 'find' | 'raiseFolded'>;
}

/** Deleted messages of one conversation. */
export interface DeletedMessages {
  readonly conversationId: string;
  readonly messageIds: readonly string[];
}

const REMEMBERED_AT_MOST = 20_000;

/**
 * Applies deletions to the stored messages: takes out their content. Every reader first applies what a crash may have
 * left unapplied, so no other repair is needed.
 */
export class DeletionApplier {
  readonly #deps: DeletionApplierDeps;
  readonly #appliedSeq = new Map<string, number>();
  readonly #listeners: ((deleted: DeletedMessages) => Promise<void>)[] = [];

  constructor(deps: DeletionApplierDeps) {
    this.#deps = deps;
  }

  /**
   * Calls `listener` with deleted messages before their content is removed, and waits for it. It may be called
   * repeatedly with the same messages.
   */
  beforeRedaction(listener: (deleted: DeletedMessages) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** Applies every deletion up to `seq`, and returns those that were not known to be applied. */
  async applyUpTo(conversationId: string, seq: number): Promise<readonly DeletionDocument[]> {
    const { conversations, entries } = this.#deps;
    const known = this.#appliedSeq.get(conversationId);
    const folded = known ?? (await conversations.find(conversationId))?.foldedSeq ?? 0;
    if (folded >= seq) return [];
    const operations = await entries.operationsBetween(conversationId, {
      after: folded,
      upTo: seq,
    });
    if (operations.length > 0) {
      await this.#redact(conversationId, operations);
      await conversations.raiseFolded(conversationId, seq);
    }
    this.#remember(conversationId, seq);
    return operations;
  }

  /** Applies the deletions with `after < seq ≤ upTo`, and returns all of them, whether they were applied before or not. */
  async applyBetween(
    conversationId: string,
    between: { readonly after: number; readonly upTo: number },
  ): Promise<readonly DeletionDocument[]> {
    if (between.after >= between.upTo) return [];
    const operations = await this.#deps.entries.operationsBetween(conversationId, between);
    await this.#redact(conversationId, operations);
    return operations;
  }

  /** Applies one deletion, before it is acknowledged. */
  apply(deletion: DeletionDocument): Promise<void> {
    return this.#redact(deletion.conversationId, [deletion]);
  }

  /** Listeners are called first: a message without content no longer names its attachment. */
  async #redact(conversationId: string, deletions: readonly DeletionDocument[]): Promise<void> {
    if (deletions.length === 0) return;
    const { entries } = this.#deps;
    const messageIds = deletions.map(({ messageId }) => messageId);
    for (const listener of this.#listeners) {
      await listener({ conversationId, messageIds });
    }
    await entries.redact(deletions);
  }

  #remember(conversationId: string, seq: number): void {
    this.#appliedSeq.delete(conversationId);
    this.#appliedSeq.set(conversationId, seq);
    if (this.#appliedSeq.size <= REMEMBERED_AT_MOST) return;
    const oldest = this.#appliedSeq.keys().next();
    if (oldest.done !== true) this.#appliedSeq.delete(oldest.value);
  }
}

/** Entries as they look with deletions applied. */
export function withDeletions<Document extends EntryDocument>(
  documents: readonly Document[],
  operations: readonly DeletionDocument[],
): Document[] {
  if (operations.length === 0) return [...documents];
  const byMessage = new Map(operations.map((operation) => [operation.messageId, operation]));
  return documents.map((document) => {
    const deletion = byMessage.get(document._id);
    return deletion === undefined
      ? document
      : {
          ...document,
          text: null,
          attachment: null,
          deletedSeq: deletion.seq,
          deletedAt: deletion.at,
        };
  });
}
