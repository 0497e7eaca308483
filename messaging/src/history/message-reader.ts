import { LIMITS } from '@parley/common';
import type { Entry, Message } from '@parley/common/contract';

import type { ConversationLog } from '../log/conversation-log.ts';
import {
  toEntry,
  type DeletionDocument,
  type EntryDocument,
  type MessageDocument,
} from '../log/entry-document.ts';
import type { EntryRange, EntryRepository } from '../log/entry-repository.ts';
import type { WrittenEntry } from '../log/entry-writer.ts';
import { requireMember, type MemberState } from '../log/state.ts';
import { withOperations, type OperationFolder } from './operation-folder.ts';
import { toMessage } from './presenter.ts';

/** About what an entry takes as JSON besides its text. */
const ENTRY_BYTES = 350;
const ATTACHMENT_BYTES = 600;

interface MessageReaderDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly entries: Pick<
    EntryRepository,
    'range' | 'writtenRange' | 'messageRange' | 'findMessages'
  >;
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

/** What of a log was read for a member, before it is cut to a page. */
interface Found<Item> {
  /** From the member's join on, ascending. */
  readonly items: readonly Item[];
  /** Deletions that what was read may not show yet. */
  readonly operations: readonly DeletionDocument[];
  readonly member: MemberState;
}

/** A page as JSON: the text of an array. */
export interface WrittenPage {
  readonly entries: string;
  /** `seq` of the last entry; absent where there is none. */
  readonly last: number | undefined;
  readonly hasMore: boolean;
}

type ReadRange<Item> = (range: EntryRange) => Promise<Item[]>;

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
    const { documents, hasMore } = pageOf(await this.#find(request, read), request);
    return { entries: documents.map(toEntry), hasMore };
  }

  /** The same as JSON, which costs half as much: for who is brought everything. @throws AppError `not_found` */
  async written(request: PageRequest): Promise<WrittenPage> {
    const read: ReadRange<WrittenEntry> = (range) =>
      this.#deps.entries.writtenRange(request.conversationId, range);
    const { items, operations } = await this.#find(request, read);
    if (operations.length > 0) return this.#write(request);
    const kept = cut(items, request, ({ bytes }) => bytes);
    const entries = `[${kept.map(({ json }) => json).join(',')}]`;
    return { entries, last: kept.at(-1)?.seq, hasMore: kept.length < items.length };
  }

  /** The long way, which shows what was deleted in this moment. */
  async #write(request: PageRequest): Promise<WrittenPage> {
    const { entries, hasMore } = await this.entries(request);
    return { entries: JSON.stringify(entries), last: entries.at(-1)?.seq, hasMore };
  }

  /** A page of messages as they stand now, ascending. @throws AppError `not_found` for everybody but members */
  async messages(request: PageRequest): Promise<{ messages: Message[]; hasMore: boolean }> {
    const { conversationId } = request;
    const read: ReadRange<MessageDocument> = (range) =>
      this.#deps.entries.messageRange(conversationId, range);
    const found = await this.#find(request, read);
    const { documents, hasMore } = pageOf(found, request);
    const { member } = found;
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

  async #find<Item extends { readonly seq: number }>(
    request: PageRequest,
    read: ReadRange<Item>,
  ): Promise<Found<Item>> {
    const { conversationId, limit, userId } = request;
    const { folder, log } = this.#deps;
    const state = await log.state(conversationId);
    const { joinedSeq } = requireMember(state, userId);
    // Folded before it is read: what a crash has left in a deleted message is gone when the page comes.
    await folder.foldUpTo(conversationId, state.seq);
    const after = Math.max(request.after ?? 0, joinedSeq - 1);
    const range = { after, before: request.before, limit: limit + 1, from: endOf(request) };
    const found = await read(range);

    // What is answered never lies beyond what is known of the members and of deletions.
    const last = found.at(-1)?.seq ?? 0;
    const present = last > state.seq ? await log.state(conversationId, last) : state;
    const member = requireMember(present, userId);
    const operations = await folder.foldBetween(conversationId, {
      after: state.seq,
      upTo: present.seq,
    });
    const items = found.filter(({ seq }) => seq >= member.joinedSeq);
    return { items, operations, member };
  }
}

/** The end of the log that a page starts at. */
function endOf({ after }: PageRequest): EntryRange['from'] {
  return after === undefined ? 'newest' : 'oldest';
}

function pageOf<Document extends EntryDocument>(
  { items, operations }: Found<Document>,
  request: PageRequest,
): { readonly documents: Document[]; readonly hasMore: boolean } {
  const documents = cut(withOperations(items, operations), request, bytesOf);
  return { documents, hasMore: documents.length < items.length };
}

/** As many as a page may have and about 256 KiB, from the end that it starts at; at least one. */
function cut<Item>(
  items: readonly Item[],
  request: PageRequest,
  sizeOf: (item: Item) => number,
): Item[] {
  const isOldest = endOf(request) === 'oldest';
  const ordered = isOldest ? items : items.toReversed();
  let bytes = 0;
  let count = 0;
  for (const item of ordered.slice(0, request.limit)) {
    bytes += sizeOf(item);
    if (bytes > LIMITS.pageBytes && count > 0) break;
    count += 1;
  }
  const kept = ordered.slice(0, count);
  return isOldest ? kept : kept.reverse();
}

/** About what an entry takes in an answer. */
function bytesOf(document: EntryDocument): number {
  if (document.kind !== 'message') return ENTRY_BYTES;
  const attachment = document.attachment === undefined ? 0 : ATTACHMENT_BYTES;
  return ENTRY_BYTES + Buffer.byteLength(document.text ?? '') + attachment;
}
