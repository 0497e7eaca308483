import type { Logger } from '@parley/backend-common';

import type { EntryDocument } from '../log/entry-document.ts';
import type { ConversationRepository, ConversationSummary } from './conversation-repository.ts';

interface SummaryWriterDeps {
  readonly conversations: Pick<ConversationRepository, 'raiseSummaries'>;
  readonly logger: Logger;
}

/** Milliseconds for which summaries are gathered before they are written. */
const GATHER = 200;
/** Milliseconds until a failed write is tried again. */
const RETRY = 2_000;
/** Conversations that may wait; beyond it the oldest is given up, and its next entry makes up for it. */
const WAITING_AT_MOST = 20_000;

/**
 * Writes what lists sort by, after the ack and apart from it. Losing a summary with the node costs a list its order
 * until the next entry, and nothing else: whether there is news is asked of the log.
 */
export class SummaryWriter {
  readonly #deps: SummaryWriterDeps;
  #waiting = new Map<string, ConversationSummary>();
  #writing: Promise<void> | undefined;
  #underWay: ReadonlyMap<string, ConversationSummary> = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SummaryWriterDeps) {
    this.#deps = deps;
  }

  /** Takes note of a committed entry. */
  note({ at, conversationId, seq }: Pick<EntryDocument, 'conversationId' | 'seq' | 'at'>): void {
    this.#raise(conversationId, { lastSeq: seq, lastAt: at });
    this.#schedule(GATHER);
  }

  /** Time of the newest entry that is noted but not written yet (milliseconds), or 0. */
  pendingAt(conversationId: string): number {
    const waiting = this.#waiting.get(conversationId)?.lastAt ?? 0;
    return Math.max(waiting, this.#underWay.get(conversationId)?.lastAt ?? 0);
  }

  /** Writes everything noted so far; one write is under way at a time. Never throws. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#waiting.size === 0) return;
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Writes the rest and stops. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const summaries = this.#waiting;
    this.#waiting = new Map();
    this.#underWay = summaries;
    try {
      await this.#deps.conversations.raiseSummaries(summaries);
    } catch (error) {
      this.#deps.logger.warn({ err: error, count: summaries.size }, 'Summaries were not written');
      for (const [conversationId, summary] of summaries) this.#raise(conversationId, summary);
      this.#schedule(RETRY);
    } finally {
      this.#underWay = new Map();
    }
  }

  #raise(conversationId: string, { lastAt, lastSeq }: ConversationSummary): void {
    const before = this.#waiting.get(conversationId);
    if (before === undefined && this.#waiting.size >= WAITING_AT_MOST) this.#giveUpOldest();
    this.#waiting.set(conversationId, {
      lastSeq: Math.max(lastSeq, before?.lastSeq ?? 0),
      lastAt: Math.max(lastAt, before?.lastAt ?? 0),
    });
  }

  #giveUpOldest(): void {
    const oldest = this.#waiting.keys().next();
    if (oldest.done !== true) this.#waiting.delete(oldest.value);
  }

  #schedule(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, ms).unref();
  }
}
