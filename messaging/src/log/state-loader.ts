import { AppError } from '@parley/common';

import { CommittedEntry } from './committed-entry.ts';
import type { EntryDocument, MembersDocument } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import { emptyMembership, foldMembership, MembershipFolder } from './fold.ts';
import type { ConversationQueue } from './conversation-queue.ts';
import type { CommitListener, ConversationOrigin, Projector } from './ports.ts';
import type { ConversationState, Membership } from './state.ts';

interface StateLoaderDeps {
  readonly entries: Pick<EntryRepository, 'insertRun' | 'membershipUpTo' | 'range' | 'tail'>;
  readonly conversations: { find(conversationId: string): Promise<ConversationOrigin | null> };
  readonly projector: Projector;
  readonly newId: () => string;
  readonly onCommitted: CommitListener;
  /** A stored entry, with the socket that gets it as its ack. */
  readonly committedEntry: (document: EntryDocument) => CommittedEntry;
}

/** The key of entry 1, the same on every node that tries to write it. */
export const CREATION_KEY = 'create';

const PAGE = 1_000;
/** Changes of members and title that are folded in one turn of the event loop. */
const CHUNK = 500;
const CREATION_ATTEMPTS = 5;

/** Brings the state of a conversation queue up to date with the log. */
export class StateLoader {
  readonly #deps: StateLoaderDeps;

  constructor(deps: StateLoaderDeps) {
    this.#deps = deps;
  }

  /** Reads the entries that a conversation queue lacks; concurrent callers share one read. @throws AppError `not_found` when there is no such conversation */
  refresh(queue: ConversationQueue): Promise<void> {
    queue.refreshing ??= this.#refresh(queue).finally(() => {
      queue.refreshing = undefined;
    });
    return queue.refreshing;
  }

  async #refresh(queue: ConversationQueue): Promise<void> {
    const { tail } = queue;
    queue.state ??= await this.#load(queue.conversationId);
    await this.readDelta(queue);
    queue.readToEnd(tail);
  }

  /**
   * Reads, folds and returns all entries after the state of the queue. They are published to the listeners, so that
   * sockets of this node need not wait for cluster events.
   */
  async readDelta(queue: ConversationQueue): Promise<EntryDocument[]> {
    const { committedEntry, entries, onCommitted } = this.#deps;
    const { conversationId } = queue;
    const all: EntryDocument[] = [];
    for (let after = queue.state?.seq ?? queue.batchBase?.seq ?? 0; ;) {
      const page = await entries.range(conversationId, { after, limit: PAGE, from: 'oldest' });
      const documents = queue.advance(page);
      const committed = documents.map(committedEntry);
      if (committed.length > 0) onCommitted({ conversationId, entries: committed, isOwn: false });
      all.push(...page);
      if (page.length < PAGE) return all;
      after = page.at(-1)?.seq ?? after;
    }
  }

  /** Folds the membership entries of a log from its beginning: a projection may be out of date, and must not decide who may write. */
  async #load(conversationId: string): Promise<ConversationState> {
    const { conversations, entries } = this.#deps;
    const conversation = await conversations.find(conversationId);
    if (conversation === null) throw new AppError('not_found', 'The conversation does not exist');
    // The tail is read first: every membership entry up to it can be read afterwards.
    let seq = await entries.tail(conversationId);
    for (let attempt = 0; seq === 0; attempt += 1) {
      if (attempt === CREATION_ATTEMPTS) throw new AppError('unavailable');
      const created = await this.#writeFirstEntry(conversation);
      if (created !== undefined) return created;
      seq = await entries.tail(conversationId);
    }
    const membership = await this.#membershipAt(conversation, seq);
    const state = { conversationId, seq, membership };
    await this.#heal(conversation, state);
    return state;
  }

  /** Folds in chunks, so that the node does other work in between. */
  async #membershipAt(conversation: ConversationOrigin, upTo: number): Promise<Membership> {
    const { entries } = this.#deps;
    const folder = new MembershipFolder(
      emptyMembership(conversation.kind, conversation.founderTitle),
    );
    for (let after = 0; ;) {
      const chunk = { after, limit: CHUNK };
      const changes = await entries.membershipUpTo(conversation._id, upTo, chunk);
      folder.add(changes);
      if (changes.length < CHUNK) return folder.membership;
      after = changes.at(-1)?.seq ?? after;
    }
  }

  /** Repairs the projection if it does not contain the entries up to `seq`: the node that appended them may have crashed. */
  async repair(state: ConversationState, seq: number): Promise<void> {
    const conversation = await this.#deps.conversations.find(state.conversationId);
    if (conversation === null || conversation.membersSeq >= seq) return;
    await this.#heal(conversation, state);
  }

  /** Repairs the projection, and publishes the entries that it lacked: the crashed node may not have published them. */
  async #heal(conversation: ConversationOrigin, state: ConversationState): Promise<void> {
    const { onCommitted, projector } = this.#deps;
    const repaired = await projector.heal(conversation, state);
    const entries = repaired.map((document) => new CommittedEntry(document));
    if (entries.length > 0) onCommitted({ conversationId: conversation._id, entries, isOwn: true });
  }

  /** Writes entry 1 and returns the state after it. Returns `undefined` if another node wrote entry 1 first. */
  async #writeFirstEntry(conversation: ConversationOrigin): Promise<ConversationState | undefined> {
    const { entries, newId, onCommitted } = this.#deps;
    const first: MembersDocument = {
      _id: newId(),
      conversationId: conversation._id,
      seq: 1,
      kind: 'members',
      senderId: conversation.createdBy,
      clientId: CREATION_KEY,
      at: conversation.createdAt,
      action: 'added',
      userIds: conversation.founders,
      role: conversation.kind === 'direct' ? null : 'member',
    };
    const outcome = await entries.insertRun([first]);
    if (outcome.kind === 'unknown') throw new AppError('unavailable', undefined, outcome);
    if (outcome.kind !== 'committed') return undefined;
    const { _id: conversationId, kind, founderTitle } = conversation;
    const membership = foldMembership(emptyMembership(kind, founderTitle), first);
    const state = { conversationId, seq: 1, membership };
    await this.#deps.projector.heal(conversation, state);
    onCommitted({ conversationId, entries: [new CommittedEntry(first)], isOwn: true });
    return state;
  }
}
