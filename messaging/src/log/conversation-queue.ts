import type { AppError } from '@parley/common';

import type { Appended } from './conversation-log.ts';
import type { EntryDocument, EntryDraft } from './entry-document.ts';
import { fold } from './fold.ts';
import type { PolicyFacts } from './policy.ts';
import type { ConversationState } from './state.ts';

/** An accepted entry and whoever waits for its outcome. */
export interface Waiting {
  /** What was asked for. */
  readonly draft: EntryDraft;
  /** What is proposed of it: the draft itself, unless the policy leaves something out. */
  proposal: EntryDraft;
  readonly facts: PolicyFacts;
  readonly originSocketId: string | undefined;
  /** Monotonic milliseconds. */
  readonly acceptedAt: number;
  /** What it adds to a command at most. */
  readonly bytes: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: AppError) => void;
  /** Whether the outcome has been told; such an entry is never proposed again. */
  settled: boolean;
}

/**
 * `idle`: nothing waits. `ready`: may join the next round. `busy`: in a round, or being read.
 * `delayed`: a timer of its own will wake it.
 */
export type QueuePhase = 'idle' | 'ready' | 'busy' | 'delayed';

/** One conversation on this node: its folded state and the entries that wait for their place. */
export class ConversationQueue {
  readonly conversationId: string;
  /** The log folded up to exactly `state.seq`; absent until it is read. */
  state: ConversationState | undefined;
  /** Whether others have appended beyond `state`: it is read before the next proposal. */
  isStale = false;
  phase: QueuePhase = 'idle';
  waiting: Waiting[] = [];
  /** What is in the round under way, numbered after {@link batchBase}. */
  batch: readonly Waiting[] = [];
  /** The state that the batch follows. */
  batchBase: ConversationState | undefined;
  /** Failed attempts in a row: conflicts and unknown outcomes. */
  attempts = 0;
  /** The key each sender used last here: what its next entry will name as `after`. */
  readonly lastClientIds = new Map<string, string>();
  /** The read under way that brings `state` up to date. */
  refreshing: Promise<void> | undefined;

  constructor(conversationId: string) {
    this.conversationId = conversationId;
  }

  get isIdle(): boolean {
    return this.phase === 'idle' && this.waiting.length === 0 && this.refreshing === undefined;
  }

  /** Folds entries that follow the state, ignores those it has, and stops at a hole. Answers what was new. */
  advance(documents: readonly EntryDocument[]): EntryDocument[] {
    if (this.state === undefined) return [];
    const news: EntryDocument[] = [];
    let next = this.state.seq + 1;
    for (const document of documents) {
      if (document.seq > next) break;
      if (document.seq < next) continue;
      news.push(document);
      next += 1;
    }
    this.state = fold(this.state, news);
    return news;
  }

  /** Moves to the state after a committed entry, unless the log was read further meanwhile. */
  moveTo(state: ConversationState): void {
    if (this.state === undefined || state.seq > this.state.seq) this.state = state;
  }

  /** Puts entries of a batch back in front, in their order; those that were settled meanwhile are gone. */
  putBack(batch: readonly Waiting[]): void {
    const unsettled = batch.filter(({ settled }) => !settled);
    if (unsettled.length > 0) this.waiting = [...unsettled, ...this.waiting];
  }

  /** Whether an entry of this sender under this key is under way here. */
  holds(senderId: string, clientId: string): boolean {
    const isIt = ({ draft, settled }: Waiting) =>
      !settled && draft.senderId === senderId && draft.clientId === clientId;
    return this.batch.some(isIt) || this.waiting.some(isIt);
  }

  /**
   * Takes out what has waited since before `acceptedBefore`, with everything the same senders sent after it:
   * a later entry must not pass one that was refused. An entry in batch stays there but is no longer waited for.
   */
  takeOverdue(acceptedBefore: number): Waiting[] {
    const overdue = new Set<string>();
    const taken: Waiting[] = [];
    const isOverdue = (waiting: Waiting) => {
      if (waiting.settled) return true;
      const { senderId } = waiting.draft;
      if (waiting.acceptedAt < acceptedBefore) overdue.add(senderId);
      if (!overdue.has(senderId)) return false;
      taken.push(waiting);
      return true;
    };
    for (const waiting of this.batch) isOverdue(waiting);
    this.waiting = this.waiting.filter((waiting) => !isOverdue(waiting));
    for (const senderId of overdue) this.lastClientIds.delete(senderId);
    return taken;
  }
}
