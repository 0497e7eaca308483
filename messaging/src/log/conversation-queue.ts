import type { AppError } from '@parley/common';

import type { Appended } from './conversation-log.ts';
import { isMembership, type EntryDocument, type EntryDraft } from './entry-document.ts';
import { fold } from './fold.ts';
import type { PolicyFacts } from './policy.ts';
import type { ConversationState } from './state.ts';

/** An accepted entry, and the callbacks that get its outcome. */
export interface Waiting {
  /** The entry as it was requested. */
  readonly draft: EntryDraft;
  /** The {@link senderKey} of the draft, kept so that it is joined and hashed once. */
  readonly key: string;
  /** The entry as it is proposed: the draft, unless the policy has removed a part of it. */
  proposal: EntryDraft;
  readonly facts: PolicyFacts;
  readonly originSocketId: string | undefined;
  /** When it is refused (monotonic milliseconds). */
  readonly deadline: number;
  /** Whether another node accepted it and forwarded it to this one, which then writes it. */
  readonly isForwarded: boolean;
  /** An upper bound of what it adds to the size of a command. */
  readonly bytes: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: AppError) => void;
  /** Whether it has been answered; such an entry is never proposed again. */
  settled: boolean;
  /** Its answer. Repeats that come while it waits get the same. */
  answer: Promise<Appended> | undefined;
}

/**
 * `idle`: nothing waits. `ready`: may join the next round. `busy`: in a round, or being read.
 * `delayed`: a timer wakes it.
 */
export type QueuePhase = 'idle' | 'ready' | 'busy' | 'delayed';

/** Identifies an entry of a conversation by its sender and the sender's `clientId`. */
export function senderKey({
  clientId,
  senderId,
}: Pick<EntryDraft, 'clientId' | 'senderId'>): string {
  return senderId + clientId;
}

/** Estimated bytes of a queue itself, and of each member: its state and last key. */
const BYTES = 1_000;
const BYTES_PER_MEMBER = 320;

/** One conversation on this node: its folded state, and the entries that wait to be written. */
export class ConversationQueue {
  readonly conversationId: string;
  phase: QueuePhase = 'idle';
  waiting: Waiting[] = [];
  /** The entries in the batch in progress, numbered after {@link batchBase}. */
  batch: readonly Waiting[] = [];
  /** The state that the batch follows. */
  batchBase: ConversationState | undefined;
  /** Failed attempts in a row: conflicts and unknown outcomes. */
  attempts = 0;
  /** The last key of each sender on this node, which its next entry names as `after`. */
  readonly lastClientIds = new Map<string, string>();
  /** Entries that wait, by {@link senderKey}. */
  readonly #byKey = new Map<string, Waiting>();
  /** The read in progress that brings `state` up to date. */
  refreshing: Promise<void> | undefined;
  /** The earliest deadline of forwarded entries (monotonic milliseconds): they are not proposed after it. */
  expiresAt = Number.POSITIVE_INFINITY;
  /** Whether it was used since the last search for queues to drop. */
  isUsed = true;
  /** The largest `seq` that the log is known to contain. */
  #tail = 0;
  #state: ConversationState | undefined;
  readonly #onResized: (bytes: number) => void;

  /** @param onResized - called with the change of {@link bytes} */
  constructor(conversationId: string, onResized: (bytes: number) => void = () => undefined) {
    this.conversationId = conversationId;
    this.#onResized = onResized;
  }

  /** The log folded up to exactly `state.seq`; absent until it is read. */
  get state(): ConversationState | undefined {
    return this.#state;
  }

  set state(next: ConversationState | undefined) {
    const before = this.bytes;
    this.#state = next;
    const { bytes } = this;
    if (bytes !== before) this.#onResized(bytes - before);
  }

  /** Estimated bytes of memory while nothing waits. */
  get bytes(): number {
    return BYTES + BYTES_PER_MEMBER * (this.#state?.membership.members.size ?? 0);
  }

  get isIdle(): boolean {
    return this.phase === 'idle' && this.waiting.length === 0 && this.refreshing === undefined;
  }

  /** Whether the log has entries after `state`, which must be folded before the next proposal. */
  get isStale(): boolean {
    return this.state !== undefined && this.state.seq < this.#tail;
  }

  /** Records that the log has entries up to `seq`. */
  noteTail(seq: number): void {
    if (seq > this.#tail) this.#tail = seq;
  }

  /** Records that a read which began when the tail was `noted` found nothing after the state. A wrong tail is corrected. */
  readToEnd(noted: number): void {
    if (this.#tail === noted && this.state !== undefined) this.#tail = this.state.seq;
  }

  get tail(): number {
    return this.#tail;
  }

  /**
   * Folds an entry that another node has committed, if it follows the state. Otherwise, and if it changes members or
   * title, the log is read before the next proposal.
   */
  receive(document: EntryDocument): void {
    this.noteTail(document.seq);
    if (this.state?.seq === document.seq - 1 && !isMembership(document)) {
      this.state = fold(this.state, [document]);
    }
  }

  /** Folds the entries that follow the state, ignores older ones, and stops at a gap. Returns the folded entries. */
  advance(documents: readonly EntryDocument[]): EntryDocument[] {
    if (this.state === undefined) return [];
    const added: EntryDocument[] = [];
    let next = this.state.seq + 1;
    for (const document of documents) {
      if (document.seq > next) break;
      if (document.seq < next) continue;
      added.push(document);
      next += 1;
    }
    this.state = fold(this.state, added);
    return added;
  }

  /** Moves to the state after a committed entry, unless the log was read further meanwhile. */
  moveTo(state: ConversationState): void {
    if (this.state === undefined || state.seq > this.state.seq) this.state = state;
  }

  /**
   * Takes entries from the front as the batch in progress. Takes none while entries wait that were forwarded to this
   * node: their origin would wait for the writer, which may wait for their origin.
   */
  takeToForward(most: { readonly entries: number; readonly bytes: number }): readonly Waiting[] {
    if (this.waiting.some(({ isForwarded, settled }) => isForwarded && !settled)) return [];
    let [taken, bytes] = [0, 0];
    for (const waiting of this.waiting) {
      bytes += waiting.bytes;
      if (taken === most.entries || bytes > most.bytes) break;
      taken += 1;
    }
    this.batch = this.waiting.slice(0, taken).filter(({ settled }) => !settled);
    this.batchBase = this.state;
    this.waiting = this.waiting.slice(taken);
    return this.batch;
  }

  /** Puts the unsettled entries of the batch back to the front of the queue, in their order. */
  returnBatch(): void {
    const unsettled = this.batch.filter(({ settled }) => !settled);
    this.batch = [];
    if (unsettled.length > 0) this.waiting = [...unsettled, ...this.waiting];
  }

  /** Queues an entry. */
  add(waiting: Waiting): void {
    this.waiting.push(waiting);
    // Repeats on this node join the entry that this node accepted.
    if (this.find(waiting.key)?.isForwarded !== false) this.#byKey.set(waiting.key, waiting);
  }

  /** The entry that waits under a {@link senderKey}. */
  find(key: string): Waiting | undefined {
    const found = this.#byKey.get(key);
    return found?.settled === false ? found : undefined;
  }

  /** Call it when an entry is answered. */
  forget(waiting: Waiting): void {
    if (this.#byKey.get(waiting.key) === waiting) this.#byKey.delete(waiting.key);
  }

  /** Removes the repeat of an entry that was refused, if one waits and is not proposed yet. */
  takeRepeat({ key }: Waiting): Waiting | undefined {
    const repeat = this.find(key);
    const index = repeat === undefined ? -1 : this.waiting.indexOf(repeat);
    if (index < 0) return undefined;
    this.waiting = this.waiting.toSpliced(index, 1);
    return repeat;
  }

  /** The socket that gets the entry with this id as its ack; `undefined` if it does not wait here for its outcome. */
  originOf(id: string): string | undefined {
    const isIt = ({ draft, settled }: Waiting) => !settled && draft._id === id;
    return (this.batch.find(isIt) ?? this.waiting.find(isIt))?.originSocketId;
  }

  /** Whether the deadline of an entry has passed (monotonic milliseconds). */
  hasOverdue(now: number): boolean {
    const isOverdue = ({ deadline, settled }: Waiting) => !settled && deadline < now;
    return this.batch.some(isOverdue) || this.waiting.some(isOverdue);
  }

  /**
   * Removes entries whose deadline has passed (monotonic milliseconds), and all later entries of their senders: a later
   * entry must not be written before one that was refused. Entries of the batch in progress are returned too, but stay
   * in the batch.
   */
  takeOverdue(now: number): Waiting[] {
    const overdue = new Set<string>();
    const taken: Waiting[] = [];
    const isOverdue = (waiting: Waiting) => {
      if (waiting.settled) return true;
      const { senderId } = waiting.draft;
      if (waiting.deadline < now) overdue.add(senderId);
      if (!overdue.has(senderId)) return false;
      taken.push(waiting);
      return true;
    };
    for (const waiting of this.batch) isOverdue(waiting);
    this.waiting = this.waiting.filter((waiting) => !isOverdue(waiting));
    for (const senderId of overdue) this.lastClientIds.delete(senderId);
    this.expiresAt = Math.min(
      ...[...this.batch, ...this.waiting].map(({ deadline, isForwarded, settled }) =>
        isForwarded && !settled ? deadline : Number.POSITIVE_INFINITY,
      ),
    );
    return taken;
  }
}
