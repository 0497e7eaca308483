import { AppError } from '@parley/common';
import type { DeletionEntry, MessageEntry, OperationInput } from '@parley/common/contract';

import type { Appended, ConversationLog } from '../log/conversation-log.ts';
import { toEntry, type EntryDocument, type EntryDraft } from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import { requireMember } from '../log/state.ts';
import type { ArrivalOrder } from './arrival-order.ts';
import type { OperationFolder } from './operation-folder.ts';

type Reply = { readonly messageId: string; readonly seq: number } | null;

interface MessageServiceDeps {
  readonly log: ConversationLog & {
    knows(
      key: Pick<EntryDraft, 'conversationId' | 'senderId' | 'clientId'>,
    ): true | Promise<boolean>;
  };
  readonly entries: Pick<EntryRepository, 'findByClientKey' | 'findDeletionOf' | 'findMessage'>;
  readonly folder: OperationFolder;
  readonly order: ArrivalOrder;
}

/** Who writes, and through which socket; absent over HTTP. */
export interface Author {
  readonly userId: string;
  readonly socketId: string | undefined;
}

/** Sends and deletes messages. */
export class MessageService {
  readonly #deps: MessageServiceDeps;

  constructor(deps: MessageServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Sends a message; resolves when it is stored.
   * @throws AppError `not_found`, `conflict` (retryable: `after` is not stored), `client_id_reused`, `unavailable`
   */
  async send(input: OperationInput<'message:send'>, author: Author): Promise<MessageEntry> {
    const appended = await this.#inOrder(input, author);
    return shown(written(appended), 'message');
  }

  /**
   * Deletes a message for everybody; resolves when its content is gone. Deleting what is deleted answers the first deletion.
   * @throws AppError `not_found`, `forbidden`, `client_id_reused`, `unavailable`
   */
  async delete(input: OperationInput<'message:delete'>, author: Author): Promise<DeletionEntry> {
    const { clientId, conversationId, messageId } = input;
    const { entries, folder, log } = this.#deps;
    const message = await this.#visibleMessage(conversationId, messageId, author.userId);
    const earlier =
      message.deletedSeq === undefined
        ? null
        : await entries.findDeletionOf(conversationId, messageId);
    if (earlier !== null) return shown(earlier, 'deletion');
    const appended = await log.append({
      conversationId,
      senderId: author.userId,
      clientId,
      content: { kind: 'deletion', messageId, messageSeq: message.seq },
      facts: { messageSenderId: message.senderId },
      originSocketId: author.socketId,
    });
    const document = written(appended);
    if (document.kind === 'deletion') await folder.fold(document);
    return shown(document, 'deletion');
  }

  /** Queues a message after what the same socket said before in the same conversation. */
  #inOrder(input: OperationInput<'message:send'>, author: Author): Promise<Appended> {
    const { order } = this.#deps;
    const { socketId, userId } = author;
    const append = (replyTo: Reply) => this.#append(input, author, replyTo);
    if (socketId === undefined || order.isEmpty) {
      const prepared = this.#prepare(input, userId);
      if (!(prepared instanceof Promise)) return append(prepared);
      return order.run(keyOf(input, author), () => prepared, append);
    }
    return order.run(keyOf(input, author), () => this.#prepare(input, userId), append);
  }

  #append(
    { clientId, conversationId, text }: OperationInput<'message:send'>,
    { socketId, userId }: Author,
    replyTo: Reply,
  ): Promise<Appended> {
    return this.#deps.log.append({
      conversationId,
      senderId: userId,
      clientId,
      content: { kind: 'message', text, replyTo },
      originSocketId: socketId,
    });
  }

  #prepare(input: OperationInput<'message:send'>, userId: string): Reply | Promise<Reply> {
    const { after, conversationId, replyTo } = input;
    const isKnown =
      after === undefined ||
      this.#deps.log.knows({ conversationId, senderId: userId, clientId: after });
    if (isKnown === true && replyTo === undefined) return null;
    return this.#lookUp(input, userId, isKnown);
  }

  async #lookUp(
    input: OperationInput<'message:send'>,
    userId: string,
    isKnown: true | Promise<boolean>,
  ): Promise<Reply> {
    const { clientId, conversationId, replyTo } = input;
    if (!(await isKnown) && !(await this.#isRepeat(conversationId, userId, clientId))) {
      throw new AppError('conflict', 'What was sent before this is not stored; send that first', {
        retryable: true,
      });
    }
    if (replyTo === undefined) return null;
    const { _id: messageId, seq } = await this.#visibleMessage(conversationId, replyTo, userId);
    return { messageId, seq };
  }

  async #isRepeat(conversationId: string, senderId: string, clientId: string): Promise<boolean> {
    return (
      (await this.#deps.entries.findByClientKey({ conversationId, senderId, clientId })) !== null
    );
  }

  async #visibleMessage(conversationId: string, messageId: string, userId: string) {
    const { entries, log } = this.#deps;
    const message = await entries.findMessage(conversationId, messageId);
    const { joinedSeq } = requireMember(await log.state(conversationId, message?.seq), userId);
    if (message === null || message.seq < joinedSeq) {
      throw new AppError('not_found', 'The message does not exist');
    }
    return message;
  }
}

function keyOf(
  { conversationId }: OperationInput<'message:send'>,
  { socketId }: Author,
): string | undefined {
  return socketId === undefined ? undefined : `${socketId}:${conversationId}`;
}

function written(appended: Appended): EntryDocument {
  if (appended.kind === 'nothing') throw new AppError('internal', 'A message left no entry');
  return appended.document;
}

function shown<Kind extends EntryDocument['kind']>(document: EntryDocument, kind: Kind) {
  const entry = toEntry(document);
  if (entry.kind !== kind)
    throw new AppError('client_id_reused', 'The clientId was used for other content');
  return entry as Extract<typeof entry, { kind: Kind }>;
}
