import { AppError } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { assignSeqs, type RoundBudget } from './assign-seqs.ts';
import type { EntryDocument } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import type { InsertOutcome, Refusal } from './insert-outcome.ts';
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
/** Longest wait (milliseconds) after another node took a `seq`. It is random, so that two nodes do not keep colliding. */
const CONFLICT_DELAY = 20;
/** Entries that wait behind a batch in which a repeat was found, and whose keys are looked up with it. */
const REPEATS_LOOKED_UP = 400;
const UNKNOWN_DELAY = { first: 50, spread: 200, most: 2_000 };

/**
 * Group commit. The queued entries of all conversations share a round: one ordered `insertMany`. The end of a round
 * starts the next; there is no timer. The outcome decides for each entry whether it is committed, proposed again with
 * a new `seq`, or unresolved until the log has been read.
 */
export class Appender {
  readonly #deps: AppenderDeps;
  readonly #ready = new Set<ConversationQueue>();
  #roundsInProgress = 0;
  #pumpIsDue = false;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
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
      this.#finishRound(queues, outcome);
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
    const onEnd = (end: ForwardingEnd) => this.#finishForwarding(queue, end);
    if (!this.#deps.forwarding.forward(queue, onEnd)) return false;
    this.#ready.delete(queue);
    queue.phase = 'busy';
    return true;
  }

  #finishForwarding(queue: ConversationQueue, end: ForwardingEnd): void {
    switch (end) {
      case 'settled':
        queue.attempts = 0;
        this.#release(queue);
        return;
      case 'busy':
        queue.returnBatch();
        this.#makeReady(queue);
        return;
      case 'unanswered':
        this.#deps.reportFault('forwarded_entries_unanswered', new Error('No answer in time'));
        this.#look(queue);
        return;
      default:
        end satisfies never;
    }
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
      this.#delay(queue, this.#unknownDelay(queue), () => this.#makeReady(queue));
    }
  }

  #finishRound(queues: readonly ConversationQueue[], outcome: InsertOutcome): void {
    let offset = 0;
    for (const queue of queues) {
      const { batch } = queue;
      const start = offset;
      offset += batch.length;
      if (outcome.kind === 'unknown') {
        this.#lookLater(queue, outcome.cause);
      } else if (outcome.kind === 'committed' || outcome.index >= offset) {
        this.#run(queue, () => this.#deps.settler.commit(queue, batch));
      } else if (outcome.index < start) {
        queue.returnBatch();
        this.#makeReady(queue);
      } else {
        const stop = outcome.index - start;
        this.#run(queue, () => this.#stopAt(queue, stop, outcome.refusal));
      }
    }
  }

  /** Runs `step` and then releases the queue, in the same turn if `step` is synchronous. After an error the log is read. */
  #run(queue: ConversationQueue, step: () => Promise<void> | undefined): void {
    const settled = step();
    if (settled === undefined) {
      this.#release(queue);
      return;
    }
    settled.then(
      () => this.#release(queue),
      (error: unknown) => this.#lookLater(queue, error),
    );
  }

  #release(queue: ConversationQueue): void {
    if (queue.phase !== 'busy') return;
    queue.batch = [];
    this.#makeReady(queue);
  }

  /** Handles a batch whose entries before `stop` are committed, whose entry at `stop` was refused, and whose rest was not tried. */
  async #stopAt(queue: ConversationQueue, stop: number, refusal: Refusal): Promise<void> {
    const { batch } = queue;
    const stopped = batch[stop];
    await this.#deps.settler.commit(queue, batch.slice(0, stop));
    queue.batch = batch.slice(stop);
    if (stopped === undefined) return;
    if (refusal.kind === 'document') {
      this.#deps.reportFault('entry_refused_by_database', refusal.cause);
      this.#deps.settler.fail(stopped, new AppError('internal', undefined, { retryable: false }));
    } else if (refusal.by === 'seq') {
      this.#deps.metrics.conflicts.inc();
      this.#deps.forwarding.conflicted(queue.conversationId);
      queue.noteTail(stopped.proposal.seq);
      queue.attempts += 1;
    } else {
      if (!(await this.#deps.settler.answerStored(queue, stopped))) {
        this.#lookLater(
          queue,
          new Error(
            `Index ${refusal.by} refused an entry, but the stored entry is not readable yet`,
          ),
        );
        return;
      }
      // More repeats often follow: a client repeats everything that was not answered.
      await this.#deps.settler.answerAllStored(queue, [
        ...queue.batch.slice(1),
        ...queue.waiting.slice(0, REPEATS_LOOKED_UP),
      ]);
    }
    queue.returnBatch();
    if (queue.attempts > 0) {
      this.#delay(queue, this.#deps.random() * CONFLICT_DELAY, () => this.#makeReady(queue));
    }
  }

  /**
   * Resolves a batch with an unknown outcome: after a delay the log is read from the last known position, the entries
   * found there are committed, and the others are proposed again unchanged. An unknown outcome never becomes a failure.
   */
  #lookLater(queue: ConversationQueue, cause: unknown): void {
    this.#deps.metrics.unknown.inc();
    this.#deps.reportFault('round_outcome_unknown', cause);
    this.#delay(queue, this.#unknownDelay(queue), () => this.#look(queue));
  }

  #look(queue: ConversationQueue): void {
    queue.phase = 'busy';
    this.#deps.settler.look(queue).then(
      () => this.#makeReady(queue),
      (error: unknown) => this.#lookLater(queue, error),
    );
  }

  #unknownDelay(queue: ConversationQueue): number {
    const { first, most, spread } = UNKNOWN_DELAY;
    const grown = first * 2 ** Math.min(queue.attempts, 10);
    queue.attempts += 1;
    return Math.min(grown, most) + this.#deps.random() * spread;
  }

  #delay(queue: ConversationQueue, ms: number, then: () => void): void {
    queue.phase = 'delayed';
    this.#deps.timers.after(ms, then);
  }
}
