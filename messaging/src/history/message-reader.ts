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
import type { WrittenEntry } from '../log/fast-read/plain.ts';
import { requireMember, type MemberState } from '../log/state.ts';
import { withDeletions, type DeletionApplier } from './deletion-applier.ts';
import { toMessage } from './presenter.ts';

/** About the size of an entry as JSON, without its text. */
const ENTRY_BYTES = 350;
const ATTACHMENT_BYTES = 600;

interface MessageReaderDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly entries: Pick<
    EntryRepository,
    'range' | 'writtenRange' | 'messageRange' | 'findMessages'
  >;
  readonly deletions: DeletionApplier;
}

/** A page of a conversation, for one member. */
export interface PageRequest {
  readonly conversationId: string;
  readonly userId: string;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

/** Entries that were read for a member, before they are cut to a page. */
interface Found<Item> {
  /** From the member's join on, in ascending order. */
  readonly items: readonly Item[];
  /** Deletions that the items may not show yet. */
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

/** Reads pages of a log for members only: from their join on, with deletions applied. */
export class MessageReader {
  readonly #deps: MessageReaderDeps;

  constructor(deps: MessageReaderDeps) {
    this.#deps = deps;
  }

  /** A page of entries in ascending order. @throws AppError `not_found` for users who are not members */
  async entries(request: PageRequest): Promise<{ entries: Entry[]; hasMore: boolean }> {
    const read: ReadRange<EntryDocument> = (range) =>
      this.#deps.entries.range(request.conversationId, range);
    const { documents, hasMore } = pageOf(await this.#find(request, read), request);
    return { entries: documents.map(toEntry), hasMore };
  }

  /** The same as JSON text, which costs half as much; for replays. @throws AppError `not_found` */
  async written(request: PageRequest): Promise<WrittenPage> {
    const read: ReadRange<WrittenEntry> = (range) =>
      this.#deps.entries.writtenRange(request.conversationId, range);
    const { items, operations } = await this.#find(request, read);
    if (operations.length > 0) return this.#write(request);
    const kept = cut(items, request, ({ bytes }) => bytes);
    const entries = `[${kept.map(({ json }) => json).join(',')}]`;
    return { entries, last: kept.at(-1)?.seq, hasMore: kept.length < items.length };
  }

  /** Reads the page as documents, because a message was deleted while it was read. */
  async #write(request: PageRequest): Promise<WrittenPage> {
    const { entries, hasMore } = await this.entries(request);
    return { entries: JSON.stringify(entries), last: entries.at(-1)?.seq, hasMore };
  }

  /** A page of messages in ascending order, with deletions applied. @throws AppError `not_found` for users who are not members */
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

  /** Messages of one conversation as a member who joined at `joinedSeq` sees them, in the same order. */
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
    const { deletions, log } = this.#deps;
    const state = await log.state(conversationId);
    const { joinedSeq } = requireMember(state, userId);
    // Deletions are applied before the page is read: a crash may have left the content of a deleted message.
    await deletions.applyUpTo(conversationId, state.seq);
    const after = Math.max(request.after ?? 0, joinedSeq - 1);
    const range = { after, before: request.before, limit: limit + 1, from: endOf(request) };
    const found = await read(range);

    // A page never reaches beyond the entries whose members and deletions are known.
    const last = found.at(-1)?.seq ?? 0;
    const present = last > state.seq ? await log.state(conversationId, last) : state;
    const member = requireMember(present, userId);
    const operations = await deletions.applyBetween(conversationId, {
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
  const documents = cut(withDeletions(items, operations), request, bytesOf);
  return { documents, hasMore: documents.length < items.length };
}

/** At most `limit` items and about 256 KiB, from the end at which the page starts; at least one item. */
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

/** About what an entry takes in a response. */
function bytesOf(document: EntryDocument): number {
  if (document.kind !== 'message') return ENTRY_BYTES;
  const attachment = document.attachment === undefined ? 0 : ATTACHMENT_BYTES;
  return ENTRY_BYTES + Buffer.byteLength(document.text ?? '') + attachment;
}
