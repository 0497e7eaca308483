import { LIMITS } from '@parley/common';
import type { Entry, Message } from '@parley/common/contract';

import type { ConversationLog } from '../log/conversation-log.ts';
import { toEntry, type EntryDocument, type MessageDocument } from '../log/entry-document.ts';
import type { EntryRange, EntryRepository } from '../log/entry-repository.ts';
import { requireMember, type MemberState } from '../log/state.ts';
import { withOperations, type OperationFolder } from './operation-folder.ts';
import { toMessage } from './presenter.ts';

/** About what an entry takes as JSON besides its text. */
const ENTRY_BYTES = 350;
const ATTACHMENT_BYTES = 600;

interface MessageReaderDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly entries: Pick<EntryRepository, 'range' | 'messageRange' | 'findMessages'>;
  readonly folder: OperationFolder;
}

/** Where a page stands and whose it is. */
export interface PageRequest {
  readonly conversationId: string;
  readonly userId: string;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

interface Page<Document> {
  readonly documents: Document[];
  readonly hasMore: boolean;
  readonly member: MemberState;
}

type ReadRange<Document> = (range: EntryRange) => Promise<Document[]>;

/** Reads pages of a log for a member: from its join on, as the messages stand now, and for nobody else. */
export class MessageReader {
  readonly #deps: MessageReaderDeps;

  constructor(deps: MessageReaderDeps) {
    this.#deps = deps;
  }

  /** A page of entries, ascending. @throws AppError `not_found` for everybody but members */
  async entries(request: PageRequest): Promise<{ entries: Entry[]; hasMore: boolean }> {
    const read: ReadRange<EntryDocument> = (range) =>
      this.#deps.entries.range(request.conversationId, range);
    const { documents, hasMore } = await this.#page(request, read);
    return { entries: documents.map(toEntry), hasMore };
  }

  /** A page of messages as they stand now, ascending. @throws AppError `not_found` for everybody but members */
  async messages(request: PageRequest): Promise<{ messages: Message[]; hasMore: boolean }> {
    const { conversationId } = request;
    const read: ReadRange<MessageDocument> = (range) =>
      this.#deps.entries.messageRange(conversationId, range);
    const { documents, hasMore, member } = await this.#page(request, read);
    const view = { conversationId, joinedSeq: member.joinedSeq };
    return { messages: await this.present(documents, view), hasMore };
  }

  /** Messages of one conversation as a member who joined at `joinedSeq` sees them, in the order given. */
  async present(
    documents: readonly MessageDocument[],
    view: { readonly conversationId: string; readonly joinedSeq: number },
  ): Promise<Message[]> {
    const { conversationId, joinedSeq } = view;
    const wanted = documents.flatMap(({ replyTo }) =>
      replyTo !== null && replyTo.seq >= joinedSeq ? [replyTo.messageId] : [],
    );
    const quoted = await this.#deps.entries.findMessages(conversationId, [...new Set(wanted)]);
    return documents.map((document) =>
      toMessage(document, joinedSeq, quoted.get(document.replyTo?.messageId ?? '')),
    );
  }

  async #page<Document extends EntryDocument>(
    request: PageRequest,
    read: ReadRange<Document>,
  ): Promise<Page<Document>> {
    const { conversationId, limit, userId } = request;
    const { folder, log } = this.#deps;
    const state = await log.state(conversationId);
    const { joinedSeq } = requireMember(state, userId);
    // Folded before it is read: what a crash has left in a deleted message is gone when the page comes.
    await folder.foldUpTo(conversationId, state.seq);
    const from = request.after === undefined ? 'newest' : 'oldest';
    const after = Math.max(request.after ?? 0, joinedSeq - 1);
    const found = await read({ after, before: request.before, limit: limit + 1, from });

    // What is answered never lies beyond what is known of the members and of deletions.
    const last = found.at(-1)?.seq ?? 0;
    const present = last > state.seq ? await log.state(conversationId, last) : state;
    const member = requireMember(present, userId);
    const operations = await folder.foldBetween(conversationId, {
      after: state.seq,
      upTo: present.seq,
    });
    const visible = withOperations(
      found.filter(({ seq }) => seq >= member.joinedSeq),
      operations,
    );
    const documents = cut(visible, limit, from);
    return { documents, hasMore: documents.length < visible.length, member };
  }
}

/** At most `limit` entries and about 256 KiB, from the end that the page starts at; at least one. */
function cut<Document extends EntryDocument>(
  documents: readonly Document[],
  limit: number,
  from: 'oldest' | 'newest',
): Document[] {
  const ordered = from === 'oldest' ? documents : documents.toReversed();
  let bytes = 0;
  let count = 0;
  for (const document of ordered.slice(0, limit)) {
    bytes += bytesOf(document);
    if (bytes > LIMITS.pageBytes && count > 0) break;
    count += 1;
  }
  const kept = ordered.slice(0, count);
  return from === 'oldest' ? kept : kept.reverse();
}

/** About what an entry takes in an answer. */
function bytesOf(document: EntryDocument): number {
  if (document.kind !== 'message') return ENTRY_BYTES;
  const attachment = document.attachment === undefined ? 0 : ATTACHMENT_BYTES;
  return ENTRY_BYTES + Buffer.byteLength(document.text ?? '') + attachment;
}
