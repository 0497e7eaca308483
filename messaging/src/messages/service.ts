import { refusalOf, type Barrier } from '@parley/backend-common/domain';
import { AppError } from '@parley/common';
import type { DeletionEntry, Entry, MessageEntry, OperationInput } from '@parley/common/contract';

import type { DirectBlocks } from '../blocks/direct-blocks.ts';
import type { AttachmentContent } from '../log/attachment-content.ts';
import type { Appended, ConversationLog } from '../log/conversation-log.ts';
import {
  toEntry,
  type EntryContent,
  type EntryDocument,
  type EntryDraft,
  type MessageDocument,
} from '../log/entry-document.ts';
import type { EntryRepository } from '../log/entry-repository.ts';
import { requireMember } from '../log/state.ts';
import type { ArrivalOrder } from './arrival-order.ts';
import type { DeletionApplier } from '../history/deletion-applier.ts';
import type { MessageAttachments, MessageWithAttachment } from './ports.ts';

/** What a message has besides its text; `null` for most messages. */
type Extras = {
  readonly replyTo: MessageDocument['replyTo'];
  readonly attachment?: AttachmentContent;
} | null;
type SendInput = OperationInput<'message:send'>;

interface MessageServiceDeps {
  readonly log: ConversationLog & {
    knows(
      key: Pick<EntryDraft, 'conversationId' | 'senderId' | 'clientId'>,
    ): true | Promise<boolean>;
  };
  readonly entries: Pick<EntryRepository, 'findByClientKey' | 'findDeletionOf' | 'findMessage'>;
  readonly deletions: DeletionApplier;
  readonly order: ArrivalOrder;
  readonly attachments: MessageAttachments;
  readonly blocks: Pick<DirectBlocks, 'barrier'>;
}

/** Checks that must end before a message is queued. */
interface Checks {
  readonly barrier: Barrier | null | Promise<Barrier | null>;
  readonly isKnown: true | Promise<boolean>;
}

/** The sender, and the socket it sends through; absent over HTTP. */
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
   * @throws AppError `not_found`, `recipient_unavailable`, `blocked`, `conflict` (retryable: `after` is not stored), `client_id_reused`, `unavailable`
   */
  send(input: SendInput, author: Author): Promise<MessageEntry> {
    return this.#inOrder(input, author).then(sentMessage);
  }

  /**
   * Deletes a message for all members; resolves when its content is gone. Deleting it again returns the first deletion.
   * @throws AppError `not_found`, `forbidden`, `client_id_reused`, `unavailable`
   */
  async delete(input: OperationInput<'message:delete'>, author: Author): Promise<DeletionEntry> {
    const { clientId, conversationId, messageId } = input;
    const { entries, deletions, log } = this.#deps;
    const message = await this.#visibleMessage(conversationId, messageId, author.userId);
    const earlier =
      message.deletedSeq === undefined
        ? null
        : await entries.findDeletionOf(conversationId, messageId);
    if (earlier !== null) return shownAs('deletion', toEntry(earlier));
    const appended = await log.append({
      conversationId,
      senderId: author.userId,
      clientId,
      content: { kind: 'deletion', messageId, messageSeq: message.seq },
      facts: { messageSenderId: message.senderId },
      originSocketId: author.socketId,
    });
    const { document, shown } = written(appended);
    if (document.kind === 'deletion') await deletions.apply(document);
    return shownAs('deletion', shown);
  }

  /** Queues a message after the earlier messages of the same socket in the same conversation. */
  #inOrder(input: SendInput, author: Author): Promise<Appended> {
    const { socketId, userId } = author;
    if (socketId !== undefined && !this.#deps.order.isEmpty) {
      return this.#after(input, author, () => this.#prepare(input, userId));
    }
    const prepared = this.#prepare(input, userId);
    return prepared instanceof Promise
      ? this.#after(input, author, () => prepared)
      : this.#append(input, author, prepared);
  }

  #after(input: SendInput, author: Author, prepare: () => Extras | Promise<Extras>) {
    return this.#deps.order.run(keyOf(input, author), prepare, (extras) =>
      this.#append(input, author, extras),
    );
  }

  #append(input: SendInput, { socketId, userId }: Author, extras: Extras): Promise<Appended> {
    const { attachments, log } = this.#deps;
    const { clientId, conversationId, text = null } = input;
    const content: EntryContent =
      extras === null
        ? { kind: 'message', text, replyTo: null }
        : { kind: 'message', text, ...extras };
    const appending = log.append({
      conversationId,
      senderId: userId,
      clientId,
      content,
      originSocketId: socketId,
    });
    return extras?.attachment === undefined
      ? appending
      : attachments.settle(attachedMessageOf(input, userId, extras.attachment.id), appending);
  }

  #prepare(input: SendInput, userId: string): Extras | Promise<Extras> {
    const { after, attachmentId, conversationId, replyTo } = input;
    const isKnown =
      after === undefined ||
      this.#deps.log.knows({ conversationId, senderId: userId, clientId: after });
    const barrier = this.#deps.blocks.barrier(conversationId, userId);
    const isPlain = replyTo === undefined && attachmentId === undefined;
    if (isPlain && isKnown === true && barrier === null) return null;
    return this.#lookUp(input, userId, { isKnown, barrier });
  }

  /** A repeat of a stored message succeeds, even if a block began since. */
  async #requireOpen(input: SendInput, userId: string, asked: Checks['barrier']): Promise<void> {
    const barrier = await asked;
    if (barrier === null || (await this.#earlier(input, userId)) !== null) return;
    throw refusalOf(barrier);
  }

  async #lookUp(input: SendInput, userId: string, { barrier, isKnown }: Checks): Promise<Extras> {
    const { attachmentId, conversationId, replyTo } = input;
    // Awaited together: if one rejects, the rejection of the other must still be handled.
    const [isInOrder] = await Promise.all([isKnown, this.#requireOpen(input, userId, barrier)]);
    if (!isInOrder && (await this.#earlier(input, userId)) === null) {
      // Whoever is not a member must not learn from this refusal that there is such a conversation.
      requireMember(await this.#deps.log.state(conversationId), userId);
      throw new AppError(
        'conflict',
        'The message that `after` names is not stored; send that one first',
        {
          retryable: true,
        },
      );
    }
    const quoted =
      replyTo === undefined ? null : await this.#visibleMessage(conversationId, replyTo, userId);
    const attachment =
      attachmentId === undefined ? undefined : await this.#attach(input, userId, attachmentId);
    return {
      replyTo: quoted === null ? null : { messageId: quoted._id, seq: quoted.seq },
      ...(attachment === undefined ? {} : { attachment }),
    };
  }

  /** Reserves the attachment for this message. A repeat of a stored message gets the attachment of that message. */
  async #attach(input: SendInput, userId: string, attachmentId: string) {
    try {
      return await this.#deps.attachments.reserve(attachedMessageOf(input, userId, attachmentId));
    } catch (error) {
      const stored = await this.#earlier(input, userId);
      if (stored?.kind !== 'message') {
        requireMember(await this.#deps.log.state(input.conversationId), userId);
        throw error;
      }
      // The log writes no second entry with the same `clientId`: it returns the stored one.
      if (stored.attachment?.id === attachmentId) return stored.attachment;
      if (stored.deletedSeq !== undefined) return undefined;
      throw new AppError('client_id_reused', 'The clientId was used for other content');
    }
  }

  #earlier(
    { clientId, conversationId }: SendInput,
    senderId: string,
  ): Promise<EntryDocument | null> {
    return this.#deps.entries.findByClientKey({ conversationId, senderId, clientId });
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

function attachedMessageOf(
  { clientId, conversationId }: SendInput,
  senderId: string,
  attachmentId: string,
): MessageWithAttachment {
  return { attachmentId, conversationId, senderId, clientId };
}

function keyOf({ conversationId }: SendInput, { socketId }: Author): string | undefined {
  return socketId === undefined ? undefined : `${socketId}:${conversationId}`;
}

function sentMessage(appended: Appended): MessageEntry {
  return shownAs('message', written(appended).shown);
}

function written(appended: Appended): Exclude<Appended, { kind: 'nothing' }> {
  if (appended.kind === 'nothing') throw new AppError('internal', 'A message left no entry');
  return appended;
}

function shownAs<Kind extends Entry['kind']>(kind: Kind, entry: Entry) {
  if (entry.kind !== kind)
    throw new AppError('client_id_reused', 'The clientId was used for other content');
  return entry as Extract<Entry, { kind: Kind }>;
}
