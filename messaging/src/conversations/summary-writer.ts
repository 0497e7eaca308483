import type { Logger } from '@parley/backend-common';

import type { EntryDocument } from '../log/entry-document.ts';
import type { ConversationRepository, ConversationSummary } from './conversation-repository.ts';

interface SummaryWriterDeps {
  readonly conversations: Pick<ConversationRepository, 'raiseSummaries'>;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
}

/** Milliseconds for which summaries are gathered before they are written. */
const GATHER = 200;
/** Milliseconds after a write during which the summary of a conversation is not written again. */
const REST = 2_000;
/** Milliseconds until a failed write is retried. */
const RETRY = 2_000;
/** Conversations that may wait for a write. Beyond that the oldest is dropped; its next entry writes it. */
const WAITING_AT_MOST = 20_000;

/**
 * Writes what lists sort by, after the acknowledgement and independently of it. A summary that is lost with its node
 * costs a list its order until the next entry, and nothing else: unread messages are counted from the log.
 */
export class SummaryWriter {
  readonly #deps: SummaryWriterDeps;
  readonly #monotonic: () => number;
  readonly #waiting = new Map<string, ConversationSummary>();
  /** When conversations were written in the last {@link REST} milliseconds, the oldest first. */
  readonly #writtenAt = new Map<string, number>();
  #writing: Promise<void> | undefined;
  #inProgress: ReadonlyMap<string, ConversationSummary> = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SummaryWriterDeps) {
    this.#deps = deps;
    this.#monotonic = deps.monotonic ?? (() => performance.now());
  }

  /** Records a committed entry. */
  note({ at, conversationId, seq }: Pick<EntryDocument, 'conversationId' | 'seq' | 'at'>): void {
    this.#raise(conversationId, { lastSeq: seq, lastAt: at });
    this.#schedule(GATHER);
  }

  /** Time of the newest recorded entry whose summary is not written yet (milliseconds since the epoch), or 0. */
  pendingAt(conversationId: string): number {
    const waiting = this.#waiting.get(conversationId)?.lastAt ?? 0;
    return Math.max(waiting, this.#inProgress.get(conversationId)?.lastAt ?? 0);
  }

  /** Writes everything recorded so far; one write at a time. Never throws. */
  async flush(): Promise<void> {
    await this.#writeNext(() => true);
  }

  /** Writes all but conversations that were written less than 2 s ago. Runs every 200 ms while any wait. */
  async writeDue(): Promise<void> {
    this.#endRests();
    await this.#writeNext((conversationId) => !this.#writtenAt.has(conversationId));
    if (this.#waiting.size > 0) this.#schedule(GATHER);
  }

  /** Writes the rest and stops. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writtenAt.clear();
  }

  async #writeNext(isDue: (conversationId: string) => boolean): Promise<void> {
    const before = this.#writing ?? Promise.resolve();
    const writing = before.then(() => this.#write(isDue));
    this.#writing = writing;
    await writing;
    if (this.#writing === writing) this.#writing = undefined;
  }

  async #write(isDue: (conversationId: string) => boolean): Promise<void> {
    const summaries = this.#take(isDue);
    if (summaries.size === 0) return;
    this.#inProgress = summaries;
    try {
      await this.#deps.conversations.raiseSummaries(summaries);
      this.#rest(summaries.keys());
    } catch (error) {
      this.#deps.logger.warn({ err: error, count: summaries.size }, 'Summaries were not written');
      for (const [conversationId, summary] of summaries) this.#raise(conversationId, summary);
      this.#schedule(RETRY);
    } finally {
      this.#inProgress = new Map();
    }
  }

  #take(isDue: (conversationId: string) => boolean): Map<string, ConversationSummary> {
    const taken = new Map([...this.#waiting].filter(([conversationId]) => isDue(conversationId)));
    for (const conversationId of taken.keys()) this.#waiting.delete(conversationId);
    return taken;
  }

  #rest(conversationIds: Iterable<string>): void {
    const now = this.#monotonic();
    for (const conversationId of conversationIds) {
      this.#writtenAt.delete(conversationId);
      this.#writtenAt.set(conversationId, now);
    }
  }

  #endRests(): void {
    const before = this.#monotonic() - REST;
    for (const [conversationId, writtenAt] of this.#writtenAt) {
      if (writtenAt > before) return;
      this.#writtenAt.delete(conversationId);
    }
  }

  #raise(conversationId: string, { lastAt, lastSeq }: ConversationSummary): void {
    const before = this.#waiting.get(conversationId);
    if (before === undefined && this.#waiting.size >= WAITING_AT_MOST) this.#dropOldest();
    this.#waiting.set(conversationId, {
      lastSeq: Math.max(lastSeq, before?.lastSeq ?? 0),
      lastAt: Math.max(lastAt, before?.lastAt ?? 0),
    });
  }

  #dropOldest(): void {
    const oldest = this.#waiting.keys().next();
    if (oldest.done !== true) this.#waiting.delete(oldest.value);
  }

  #schedule(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.writeDue();
    }, ms).unref();
  }
}
