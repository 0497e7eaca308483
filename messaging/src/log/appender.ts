import { AppError } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { assignSeqs, type RoundBudget } from './assign-seqs.ts';
import type { EntryDocument } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import { BatchOutcomes } from './batch-outcomes.ts';
import type { BatchSettler } from './batch-settler.ts';
import type { ConversationQueue } from './conversation-queue.ts';
import type { ForwardingEnd } from './forwarding/forwarder.ts';
import type { Forwarding } from './forwarding/forwarding.ts';
import type { LogMetrics } from './log-metrics.ts';
import type { StateLoader } from './state-loader.ts';
import type { Timers } from './timers.ts';

interface AppenderDeps {
  readonly entries: Pick<EntryRepository, 'insertRun'>;
  readonly loader: Pick<StateLoader, 'refresh'>;
  readonly settler: BatchSettler;
  readonly forwarding: Pick<Forwarding, 'conflicted' | 'forward'>;
  /** Refuses the entries of a queue whose deadline is over. */
  readonly refuseOverdue: (queue: ConversationQueue) => void;
  readonly timers: Timers;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly metrics: LogMetrics;
  readonly reportFault: ReportFault;
}

/** Batches in progress at the same time: MongoDB journals one while the next is built. */
const ROUNDS_IN_PROGRESS = 2;
const ROUND: Readonly<RoundBudget> = { entries: 500, bytes: 4 * 1024 * 1024 };

/**
 * Group commit. The queued entries of all conversations share a round: one ordered `insertMany`. The end of a round
 * starts the next; there is no timer. {@link BatchOutcomes} acts on the outcomes.
 */
export class Appender {
  readonly #deps: AppenderDeps;
  readonly #outcomes: BatchOutcomes;
  readonly #ready = new Set<ConversationQueue>();
  #roundsInProgress = 0;
  #pumpIsDue = false;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
    const { forwarding, metrics, random, reportFault, settler, timers } = deps;
    this.#outcomes = new BatchOutcomes({
      ...{ forwarding, metrics, random, reportFault, settler, timers },
      release: (queue) => this.#makeReady(queue),
    });
  }

  /** Puts the entries of a conversation queue into the next round. Call it after an entry was queued. */
  wake(queue: ConversationQueue): void {
    if (queue.phase !== 'idle' || queue.waiting.length === 0) return;
    this.#makeReady(queue);
  }

  #makeReady(queue: ConversationQueue): void {
    if (queue.waiting.length === 0) {
      queue.phase = 'idle';
      return;
    }
    queue.phase = 'ready';
    this.#ready.add(queue);
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    // Entries that arrive in the same turn of the event loop share the round.
    setImmediate(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#roundsInProgress < ROUNDS_IN_PROGRESS && this.#ready.size > 0) this.#startRound();
  }

  #startRound(): void {
    const budget = { ...ROUND };
    const queues: ConversationQueue[] = [];
    const documents: EntryDocument[] = [];
    for (const queue of this.#calmFirst()) {
      if (budget.entries < 1) break;
      if (!this.#joinRound(queue, budget)) continue;
      queues.push(queue);
      for (const { proposal } of queue.batch) documents.push(proposal);
    }
    if (documents.length === 0) return;
    this.#roundsInProgress += 1;
    const { entries, metrics } = this.#deps;
    const finished = metrics.startRound(documents.length);
    void entries.insertRun(documents).then((outcome) => {
      finished(outcome.kind);
      this.#roundsInProgress -= 1;
      this.#outcomes.finishRound(queues, outcome);
      this.#pump();
    });
  }

  /** Queues with recent conflicts come last: a conflict ends the insert, and must not delay the entries of others. */
  #calmFirst(): ConversationQueue[] {
    const queues = [...this.#ready];
    return queues.some(({ attempts }) => attempts > 0)
      ? queues.sort((one, other) => one.attempts - other.attempts)
      : queues;
  }

  /** Returns whether the queue has entries in the round; they are in its `batch`. */
  #joinRound(queue: ConversationQueue, budget: RoundBudget): boolean {
    if (queue.expiresAt !== Number.POSITIVE_INFINITY) this.#deps.refuseOverdue(queue);
    if (queue.state !== undefined && this.#forward(queue)) return false;
    if (queue.state === undefined || queue.isStale || queue.refreshing !== undefined) {
      this.#ready.delete(queue);
      queue.phase = 'busy';
      void this.#refresh(queue);
      return false;
    }
    const { numbered, unnumbered } = assignSeqs(queue, queue.state, budget);
    for (const refused of unnumbered) this.#deps.settler.answerUnnumbered(queue, refused);
    if (numbered.length > 0) {
      this.#ready.delete(queue);
      queue.phase = 'busy';
      queue.batch = numbered;
      queue.batchBase = queue.state;
      return true;
    }
    // A queue whose entries did not fit stays ready for the next round.
    if (queue.waiting.length === 0) {
      this.#ready.delete(queue);
      queue.phase = 'idle';
    }
    return false;
  }

  /** Forwards entries of the queue if another node is the writer of its conversation. Returns whether it did. */
  #forward(queue: ConversationQueue): boolean {
    const onEnd = (end: ForwardingEnd) => this.#outcomes.finishForwarding(queue, end);
    if (!this.#deps.forwarding.forward(queue, onEnd)) return false;
    this.#ready.delete(queue);
    queue.phase = 'busy';
    return true;
  }

  async #refresh(queue: ConversationQueue): Promise<void> {
    try {
      await this.#deps.loader.refresh(queue);
      this.#makeReady(queue);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') {
        const waiting = queue.waiting;
        queue.waiting = [];
        queue.phase = 'idle';
        for (const each of waiting) this.#deps.settler.fail(each, error);
        return;
      }
      this.#deps.reportFault('conversation_read_failed', error);
      this.#outcomes.retryLater(queue, () => this.#makeReady(queue));
    }
  }
}
