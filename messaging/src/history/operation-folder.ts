import type { ConversationRepository } from '../conversations/conversation-repository.ts';
import type { DeletionDocument, EntryDocument } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';

interface OperationFolderDeps {
  readonly entries: Pick<EntryRepository, 'operationsBetween' | 'redact'>;
  readonly conversations: Pick<ConversationRepository, 'find' | 'raiseFolded'>;
}

const REMEMBERED_AT_MOST = 20_000;

/**
 * Folds operations on messages into the messages. Whoever reads folds first what a crash may have left undone:
 * that is the whole healing.
 */
export class OperationFolder {
  readonly #deps: OperationFolderDeps;
  readonly #foldedSeq = new Map<string, number>();
  readonly #listeners: ((messageIds: readonly string[]) => Promise<void>)[] = [];

  constructor(deps: OperationFolderDeps) {
    this.#deps = deps;
  }

  /**
   * Calls `listener` with the ids of messages before these lose their content, and waits for it. It may be called again
   * with the same messages.
   */
  beforeRedaction(listener: (messageIds: readonly string[]) => Promise<void>): void {
    this.#listeners.push(listener);
  }

  /** Folds every operation up to `seq` and answers those that were not known to be folded. */
  async foldUpTo(conversationId: string, seq: number): Promise<readonly DeletionDocument[]> {
    const { conversations, entries } = this.#deps;
    const known = this.#foldedSeq.get(conversationId);
    const folded = known ?? (await conversations.find(conversationId))?.foldedSeq ?? 0;
    if (folded >= seq) return [];
    const operations = await entries.operationsBetween(conversationId, {
      after: folded,
      upTo: seq,
    });
    if (operations.length > 0) {
      await this.#redact(operations);
      await conversations.raiseFolded(conversationId, seq);
    }
    this.#remember(conversationId, seq);
    return operations;
  }

  /** Folds the operations with `after < seq ≤ upTo` and answers all of them, whoever folded them first. */
  async foldBetween(
    conversationId: string,
    between: { readonly after: number; readonly upTo: number },
  ): Promise<readonly DeletionDocument[]> {
    if (between.after >= between.upTo) return [];
    const operations = await this.#deps.entries.operationsBetween(conversationId, between);
    await this.#redact(operations);
    return operations;
  }

  /** Folds one operation, before it is acknowledged. */
  fold(deletion: DeletionDocument): Promise<void> {
    return this.#redact([deletion]);
  }

  /** Listeners go first: a message that has lost its content no longer says which attachment it had. */
  async #redact(deletions: readonly DeletionDocument[]): Promise<void> {
    if (deletions.length === 0) return;
    const { entries } = this.#deps;
    const messageIds = deletions.map(({ messageId }) => messageId);
    for (const listener of this.#listeners) await listener(messageIds);
    await entries.redact(deletions);
  }

  #remember(conversationId: string, seq: number): void {
    this.#foldedSeq.delete(conversationId);
    this.#foldedSeq.set(conversationId, seq);
    if (this.#foldedSeq.size <= REMEMBERED_AT_MOST) return;
    const oldest = this.#foldedSeq.keys().next();
    if (oldest.done !== true) this.#foldedSeq.delete(oldest.value);
  }
}

/** Entries as they look once operations are folded into them. */
export function withOperations<Document extends EntryDocument>(
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
