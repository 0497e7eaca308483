import { AppError } from '@parley/common';

import type { Appended } from './conversation-log.ts';
import { isMembership, type EntryDocument } from './entry-document.ts';
import type { EntryRepository, InsertOutcome, Refusal } from './entry-repository.ts';
import type { Lane, Numbered, Waiting } from './lane.ts';
import type { LogMetrics } from './log-metrics.ts';
import { numberRun, type RoundBudget, type Unnumbered } from './number-run.ts';
import type { CommitListener, Projector } from './ports.ts';
import { isSameContent } from './same-content.ts';
import type { StateLoader } from './state-loader.ts';
import type { Timers } from './timers.ts';

interface AppenderDeps {
  readonly entries: Pick<EntryRepository, 'findByClientKey' | 'findDeletionOf' | 'insertRun'>;
  readonly loader: StateLoader;
  readonly projector: Projector;
  readonly onCommitted: CommitListener;
  readonly timers: Timers;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly metrics: LogMetrics;
  /** Told once for each entry that is answered. */
  readonly onSettled: () => void;
  /** Told of faults that no caller sees. */
  readonly onFault: (fault: string, error: unknown) => void;
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
      for (const { document } of lane.flight) documents.push(document);
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
    for (const refused of unnumbered) this.#answerUnnumbered(lane, refused);
    if (numbered.length > 0) {
      this.#ready.delete(lane);
      lane.phase = 'busy';
      lane.flight = numbered;
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
        for (const each of waiting) this.#fail(each, error);
        return;
      }
      this.#deps.onFault('A conversation could not be read', error);
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
        this.#run(lane, () => this.#commit(lane, flight));
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

  /** Folds, hands on and answers committed entries; where they change members, the projection comes first. */
  #commit(lane: Lane, committed: readonly Numbered[]): Promise<void> | undefined {
    const last = committed.at(-1);
    if (last === undefined) return undefined;
    const before = lane.state;
    if (before === undefined || !committed.some(({ document }) => isMembership(document))) {
      this.#announce(lane, committed);
      return undefined;
    }
    const documents = committed.map(({ document }) => document);
    return this.#project({ before, after: last.after, documents }).then((isProjected) => {
      this.#announce(lane, committed);
      // Whoever loads the state anew heals what could not be written.
      if (!isProjected) lane.state = undefined;
    });
  }

  /** The entries stand whatever becomes of the projection, so it is tried for a while and then left to healing. */
  async #project(step: Parameters<Projector['project']>[0]): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#deps.projector.project(step);
        return true;
      } catch (error) {
        this.#deps.onFault('Members could not be written', error);
        if (attempt === 3) return false;
        await new Promise<void>((resolve) => {
          this.#deps.timers.after(UNKNOWN_DELAY.first * 2 ** attempt, resolve);
        });
      }
    }
  }

  #announce(lane: Lane, committed: readonly Numbered[]): void {
    const last = committed.at(-1);
    if (last === undefined) return;
    lane.moveTo(last.after);
    lane.attempts = 0;
    let origins: Map<string, string> | undefined;
    for (const { document, waiting } of committed) {
      if (waiting.originSocketId === undefined) continue;
      origins ??= new Map();
      origins.set(document._id, waiting.originSocketId);
    }
    this.#deps.onCommitted({
      conversationId: lane.conversationId,
      documents: committed.map(({ document }) => document),
      origins,
      isOwn: true,
    });
    for (const { document, waiting } of committed)
      this.#settle(waiting, { kind: 'written', document });
  }

  /** Entries before `stop` are committed, the one there was refused, the rest was not tried. */
  async #stopAt(lane: Lane, stop: number, refusal: Refusal): Promise<void> {
    const { flight } = lane;
    const stopped = flight[stop];
    await this.#commit(lane, flight.slice(0, stop));
    lane.flight = flight.slice(stop);
    if (stopped === undefined) return;
    if (refusal.kind === 'document') {
      this.#deps.onFault('An entry was refused by the database', refusal.cause);
      this.#fail(stopped.waiting, new AppError('internal', undefined, { retryable: false }));
    } else if (refusal.by === 'seq') {
      this.#deps.metrics.conflicts.inc();
      lane.isStale = true;
      lane.attempts += 1;
    } else {
      lane.isStale = true;
      if (!(await this.#answerStored(lane, stopped.waiting))) {
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

  /** Answers a waiting entry with what is stored under its key; `false` when nothing is to be seen there. */
  async #answerStored(lane: Lane, waiting: Waiting): Promise<boolean> {
    const { draft } = waiting;
    const { entries } = this.#deps;
    const stored =
      (await entries.findByClientKey(draft)) ??
      (draft.kind === 'deletion'
        ? await entries.findDeletionOf(draft.conversationId, draft.messageId)
        : null);
    if (stored === null) return false;
    if (stored._id === draft._id) await this.#announceLate(lane, [{ waiting, document: stored }]);
    else if (isSameContent(stored, draft))
      this.#settle(waiting, { kind: 'repeated', document: stored });
    else
      this.#fail(
        waiting,
        new AppError('client_id_reused', 'The clientId was used for other content'),
      );
    return true;
  }

  /** Nothing is written: but whoever repeats what was written before gets that, also when it may no longer write. */
  #answerUnnumbered(lane: Lane, { waiting, decision }: Unnumbered): void {
    const answer = () => {
      if (decision.kind === 'nothing') this.#settle(waiting, { kind: 'nothing' });
      else this.#fail(waiting, decision.error);
    };
    this.#answerStored(lane, waiting).then(
      (answered) => {
        if (!answered) answer();
      },
      (error: unknown) => {
        this.#deps.onFault('A repeat could not be looked up', error);
        this.#fail(waiting, new AppError('unavailable', undefined, { cause: error }));
      },
    );
  }

  /**
   * The outcome of the flight is not known: after a while the log is read from the last known place, what stands there
   * is committed, and the rest is proposed again as it is. Looking never turns "unknown" into "failed".
   */
  #lookLater(lane: Lane, cause: unknown): void {
    this.#deps.metrics.unknown.inc();
    this.#deps.onFault('The outcome of a round is not known yet', cause);
    this.#delay(lane, this.#unknownDelay(lane), () => {
      lane.phase = 'busy';
      this.#look(lane).then(
        () => this.#makeReady(lane),
        (error: unknown) => this.#lookLater(lane, error),
      );
    });
  }

  async #look(lane: Lane): Promise<void> {
    const { flight } = lane;
    const documents = await this.#deps.loader.readDelta(lane);
    const byId = new Map(documents.map((document) => [document._id, document]));
    const landed = flight.flatMap(({ waiting }) => {
      const document = byId.get(waiting.draft._id);
      return document === undefined ? [] : [{ waiting, document }];
    });
    await this.#announceLate(lane, landed);
    lane.flight = [];
    lane.putBack(flight);
  }

  /** Hands on and answers entries of ours that turned out to stand, in their order. */
  async #announceLate(
    lane: Lane,
    landed: readonly Pick<Numbered, 'waiting' | 'document'>[],
  ): Promise<void> {
    const documents = landed.map(({ document }) => document);
    if (documents.length === 0) return;
    if (documents.some(isMembership)) {
      // Nobody has projected them; loading the state anew does.
      lane.state = undefined;
      await this.#deps.loader.refresh(lane);
    }
    this.#deps.onCommitted({ conversationId: lane.conversationId, documents, isOwn: true });
    for (const { waiting, document } of landed)
      this.#settle(waiting, { kind: 'written', document });
  }

  #settle(waiting: Waiting, appended: Appended): void {
    if (waiting.settled) return;
    waiting.settled = true;
    this.#deps.onSettled();
    waiting.resolve(appended);
  }

  #fail(waiting: Waiting, error: AppError): void {
    if (waiting.settled) return;
    waiting.settled = true;
    this.#deps.onSettled();
    waiting.reject(error);
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
