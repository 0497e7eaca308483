import { AppError } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import type { EntryDocument } from './entry-document.ts';
import type { EntryRepository, InsertOutcome, Refusal } from './entry-repository.ts';
import type { FlightSettler } from './flight-settler.ts';
import type { Lane } from './lane.ts';
import type { LogMetrics } from './log-metrics.ts';
import { numberRun, type RoundBudget } from './number-run.ts';
import type { StateLoader } from './state-loader.ts';
import type { Timers } from './timers.ts';

interface AppenderDeps {
  readonly entries: Pick<EntryRepository, 'insertRun'>;
  readonly loader: Pick<StateLoader, 'refresh'>;
  readonly settler: FlightSettler;
  readonly timers: Timers;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly metrics: LogMetrics;
  /** Told of faults that no caller sees. */
  readonly reportFault: ReportFault;
}

/** Commands under way at most: one being journaled while the next is being built. */
const ROUNDS_IN_FLIGHT = 2;
const ROUND: Readonly<RoundBudget> = { entries: 500, bytes: 4 * 1024 * 1024 };
/** Milliseconds within which a node waits after it lost a number, so that two nodes do not keep colliding. */
const CONFLICT_DELAY = 20;
const UNKNOWN_DELAY = { first: 50, spread: 200, most: 2_000 };

/**
 * Group commit. All conversations that have something to say share a round, one ordered `insertMany`; the end of a
 * round starts the next, and no timer does. Outcomes decide, entry by entry, what is committed, what is proposed again
 * under a new number, and what must first be looked up.
 */
export class Appender {
  readonly #deps: AppenderDeps;
  readonly #ready = new Set<Lane>();
  #roundsInFlight = 0;
  #pumpIsDue = false;

  constructor(deps: AppenderDeps) {
    this.#deps = deps;
  }

  /** Takes note that a lane has entries waiting. */
  wake(lane: Lane): void {
    if (lane.phase !== 'idle' || lane.queue.length === 0) return;
    this.#makeReady(lane);
  }

  #makeReady(lane: Lane): void {
    if (lane.queue.length === 0) {
      lane.phase = 'idle';
      return;
    }
    lane.phase = 'ready';
    this.#ready.add(lane);
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    // What arrives in the same turn of the event loop shares the round.
    setImmediate(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#roundsInFlight < ROUNDS_IN_FLIGHT && this.#ready.size > 0) this.#startRound();
  }

  #startRound(): void {
    const budget = { ...ROUND };
    const lanes: Lane[] = [];
    const documents: EntryDocument[] = [];
    for (const lane of this.#calmFirst()) {
      if (budget.entries < 1) break;
      if (!this.#joinRound(lane, budget)) continue;
      lanes.push(lane);
      for (const { proposal } of lane.flight) documents.push(proposal);
    }
    if (documents.length === 0) return;
    this.#roundsInFlight += 1;
    const { entries, metrics } = this.#deps;
    const finished = metrics.startRound(documents.length);
    void entries.insertRun(documents).then((outcome) => {
      finished(outcome.kind);
      this.#roundsInFlight -= 1;
      this.#finishRound(lanes, outcome);
      this.#pump();
    });
  }

  /** Lanes that lost numbers lately come last: a conflict stops the command and must not hold up the others. */
  #calmFirst(): Lane[] {
    const lanes = [...this.#ready];
    return lanes.some(({ attempts }) => attempts > 0)
      ? lanes.sort((one, other) => one.attempts - other.attempts)
      : lanes;
  }

  /** Whether the lane has entries in the round; its flight says which. */
  #joinRound(lane: Lane, budget: RoundBudget): boolean {
    if (lane.state === undefined || lane.isStale || lane.refreshing !== undefined) {
      this.#ready.delete(lane);
      lane.phase = 'busy';
      void this.#refresh(lane);
      return false;
    }
    const { numbered, unnumbered } = numberRun(lane, lane.state, budget);
    for (const refused of unnumbered) this.#deps.settler.answerUnnumbered(lane, refused);
    if (numbered.length > 0) {
      this.#ready.delete(lane);
      lane.phase = 'busy';
      lane.flight = numbered;
      lane.flightBase = lane.state;
      return true;
    }
    // A lane that found no room stays ready; one that has nothing left rests.
    if (lane.queue.length === 0) {
      this.#ready.delete(lane);
      lane.phase = 'idle';
    }
    return false;
  }

  async #refresh(lane: Lane): Promise<void> {
    try {
      await this.#deps.loader.refresh(lane);
      this.#makeReady(lane);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') {
        const waiting = lane.queue;
        lane.queue = [];
        lane.phase = 'idle';
        for (const each of waiting) this.#deps.settler.fail(each, error);
        return;
      }
      this.#deps.reportFault('conversation_read_failed', error);
      this.#delay(lane, this.#unknownDelay(lane), () => this.#makeReady(lane));
    }
  }

  #finishRound(lanes: readonly Lane[], outcome: InsertOutcome): void {
    let offset = 0;
    for (const lane of lanes) {
      const { flight } = lane;
      const start = offset;
      offset += flight.length;
      if (outcome.kind === 'unknown') {
        this.#lookLater(lane, outcome.cause);
      } else if (outcome.kind === 'committed' || outcome.index >= offset) {
        this.#run(lane, () => this.#deps.settler.commit(lane, flight));
      } else if (outcome.index < start) {
        lane.flight = [];
        lane.putBack(flight);
        this.#makeReady(lane);
      } else {
        const stop = outcome.index - start;
        this.#run(lane, () => this.#stopAt(lane, stop, outcome.refusal));
      }
    }
  }

  /** Carries on with a lane without waiting where nothing has to be waited for; a fault makes the lane look at the log. */
  #run(lane: Lane, step: () => Promise<void> | undefined): void {
    const settled = step();
    if (settled === undefined) {
      this.#release(lane);
      return;
    }
    settled.then(
      () => this.#release(lane),
      (error: unknown) => this.#lookLater(lane, error),
    );
  }

  #release(lane: Lane): void {
    if (lane.phase !== 'busy') return;
    lane.flight = [];
    this.#makeReady(lane);
  }

  /** Entries before `stop` are committed, the one there was refused, the rest was not tried. */
  async #stopAt(lane: Lane, stop: number, refusal: Refusal): Promise<void> {
    const { flight } = lane;
    const stopped = flight[stop];
    await this.#deps.settler.commit(lane, flight.slice(0, stop));
    lane.flight = flight.slice(stop);
    if (stopped === undefined) return;
    if (refusal.kind === 'document') {
      this.#deps.reportFault('entry_refused_by_database', refusal.cause);
      this.#deps.settler.fail(stopped, new AppError('internal', undefined, { retryable: false }));
    } else if (refusal.by === 'seq') {
      this.#deps.metrics.conflicts.inc();
      lane.isStale = true;
      lane.attempts += 1;
    } else {
      lane.isStale = true;
      if (!(await this.#deps.settler.answerStored(lane, stopped))) {
        this.#lookLater(
          lane,
          new Error(`A key of ${refusal.by} is taken by an entry that is not to be seen yet`),
        );
        return;
      }
    }
    lane.putBack(lane.flight);
    lane.flight = [];
    if (lane.attempts > 0) {
      this.#delay(lane, this.#deps.random() * CONFLICT_DELAY, () => this.#makeReady(lane));
    }
  }

  /**
   * The outcome of the flight is not known: after a while the log is read from the last known place, what stands there
   * is committed, and the rest is proposed again as it is. Looking never turns "unknown" into "failed".
   */
  #lookLater(lane: Lane, cause: unknown): void {
    this.#deps.metrics.unknown.inc();
    this.#deps.reportFault('round_outcome_unknown', cause);
    this.#delay(lane, this.#unknownDelay(lane), () => {
      lane.phase = 'busy';
      this.#deps.settler.look(lane).then(
        () => this.#makeReady(lane),
        (error: unknown) => this.#lookLater(lane, error),
      );
    });
  }

  #unknownDelay(lane: Lane): number {
    const { first, most, spread } = UNKNOWN_DELAY;
    const grown = first * 2 ** Math.min(lane.attempts, 10);
    lane.attempts += 1;
    return Math.min(grown, most) + this.#deps.random() * spread;
  }

  #delay(lane: Lane, ms: number, then: () => void): void {
    lane.phase = 'delayed';
    this.#deps.timers.after(ms, then);
  }
}

/** The error for whoever waited longer than `LIMITS.appendDeadline`, or found the queue full. */
export function unavailable(retryAfterMs: number): AppError {
  return new AppError('unavailable', 'The message could not be stored in time; send it again', {
    retryAfterMs,
  });
}
