import { AppError } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { BatchSettler } from './batch-settler.ts';
import type { ConversationQueue } from './conversation-queue.ts';
import type { ForwardingEnd } from './forwarding/forwarder.ts';
import type { Forwarding } from './forwarding/forwarding.ts';
import type { InsertOutcome, Refusal } from './insert-outcome.ts';
import type { LogMetrics } from './log-metrics.ts';
import type { Timers } from './timers.ts';

interface BatchOutcomesDeps {
  readonly settler: Pick<
    BatchSettler,
    'answerAllStored' | 'answerStored' | 'commit' | 'fail' | 'look'
  >;
  readonly forwarding: Pick<Forwarding, 'conflicted'>;
  /** Lets a queue whose batch has ended join the next round. */
  readonly release: (queue: ConversationQueue) => void;
  readonly timers: Timers;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly metrics: LogMetrics;
  readonly reportFault: ReportFault;
}

/** Longest wait (milliseconds) after another node took a `seq`. It is random, so that two nodes do not keep colliding. */
const CONFLICT_DELAY = 20;
/** Entries that wait behind a batch in which a repeat was found, and whose keys are looked up with it. */
const REPEATS_LOOKED_UP = 400;
const UNKNOWN_DELAY = { first: 50, spread: 200, most: 2_000 };

/**
 * Acts on the outcomes of rounds and of forwarded batches. An outcome decides for each entry whether it is committed,
 * proposed again with a new `seq`, or unresolved until the log has been read. Then the queue is released.
 */
export class BatchOutcomes {
  readonly #deps: BatchOutcomesDeps;

  constructor(deps: BatchOutcomesDeps) {
    this.#deps = deps;
  }

  /** Acts on the outcome of a round in which the batches of these queues were proposed, in this order. */
  finishRound(queues: readonly ConversationQueue[], outcome: InsertOutcome): void {
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
        this.#deps.release(queue);
      } else {
        const stop = outcome.index - start;
        this.#run(queue, () => this.#stopAt(queue, stop, outcome.refusal));
      }
    }
  }

  /** Acts on the end of the batch that a queue has forwarded. */
  finishForwarding(queue: ConversationQueue, end: ForwardingEnd): void {
    switch (end) {
      case 'settled':
        queue.attempts = 0;
        this.#finish(queue);
        return;
      case 'busy':
        queue.returnBatch();
        this.#deps.release(queue);
        return;
      case 'unanswered':
        this.#deps.reportFault('forwarded_entries_unanswered', new Error('No answer in time'));
        this.#look(queue);
        return;
      default:
        end satisfies never;
    }
  }

  /** Runs `then` after a delay that grows with the failed attempts of the queue. */
  retryLater(queue: ConversationQueue, then: () => void): void {
    this.#delay(queue, this.#unknownDelay(queue), then);
  }

  /** Runs `step` and then releases the queue, in the same turn if `step` is synchronous. After an error the log is read. */
  #run(queue: ConversationQueue, step: () => Promise<void> | undefined): void {
    const settled = step();
    if (settled === undefined) {
      this.#finish(queue);
      return;
    }
    settled.then(
      () => this.#finish(queue),
      (error: unknown) => this.#lookLater(queue, error),
    );
  }

  #finish(queue: ConversationQueue): void {
    if (queue.phase !== 'busy') return;
    queue.batch = [];
    this.#deps.release(queue);
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
      this.#delay(queue, this.#deps.random() * CONFLICT_DELAY, () => this.#deps.release(queue));
    }
  }

  /**
   * Resolves a batch with an unknown outcome: after a delay the log is read from the last known position, the entries
   * found there are committed, and the others are proposed again unchanged. An unknown outcome never becomes a failure.
   */
  #lookLater(queue: ConversationQueue, cause: unknown): void {
    this.#deps.metrics.unknown.inc();
    this.#deps.reportFault('round_outcome_unknown', cause);
    this.retryLater(queue, () => this.#look(queue));
  }

  #look(queue: ConversationQueue): void {
    queue.phase = 'busy';
    this.#deps.settler.look(queue).then(
      () => this.#deps.release(queue),
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
