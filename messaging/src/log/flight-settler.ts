import { AppError } from '@parley/common';

import type { Appended } from './conversation-log.ts';
import { isMembership } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import type { Lane, Numbered, Waiting } from './lane.ts';
import type { Unnumbered } from './number-run.ts';
import type { CommitListener, ProjectionStep, Projector } from './ports.ts';
import { isSameContent } from './same-content.ts';
import type { ConversationState } from './state.ts';
import type { StateLoader } from './state-loader.ts';
import type { Timers } from './timers.ts';

interface FlightSettlerDeps {
  readonly entries: Pick<EntryRepository, 'findByClientKey' | 'findDeletionOf'>;
  readonly loader: Pick<StateLoader, 'readDelta' | 'refresh'>;
  readonly projector: Projector;
  readonly onCommitted: CommitListener;
  readonly timers: Timers;
  /** Told once for each entry that is answered. */
  readonly onSettled: () => void;
  readonly onFault: (fault: string, error: unknown) => void;
}

/** Milliseconds until members that could not be written are written again; doubles with each try. */
const PROJECT_DELAY = 50;

/** Brings entries to their end: folds, hands on and answers what is committed, looks up what was stored before. */
export class FlightSettler {
  readonly #deps: FlightSettlerDeps;

  constructor(deps: FlightSettlerDeps) {
    this.#deps = deps;
  }

  /** Folds, hands on and answers committed entries; where they change members, the projection comes first. */
  commit(lane: Lane, committed: readonly Numbered[]): Promise<void> | undefined {
    const last = committed.at(-1);
    if (last === undefined) return undefined;
    if (!committed.some(({ document }) => isMembership(document))) {
      this.#announce(lane, committed);
      return undefined;
    }
    return this.#commitMembership(lane, committed, last.after);
  }

  async #commitMembership(
    lane: Lane,
    committed: readonly Numbered[],
    after: ConversationState,
  ): Promise<void> {
    const before = lane.state;
    const documents = committed.map(({ document }) => document);
    const isProjected = before !== undefined && (await this.#project({ before, after, documents }));
    this.#announce(lane, committed);
    // Whoever loads the state anew heals what was not written.
    if (!isProjected) lane.state = undefined;
  }

  /** The entries stand whatever becomes of the projection, so it is tried for a while and then left to healing. */
  async #project(step: ProjectionStep): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#deps.projector.project(step);
        return true;
      } catch (error) {
        this.#deps.onFault('Members could not be written', error);
        if (attempt === 3) return false;
        await new Promise<void>((resolve) => {
          this.#deps.timers.after(PROJECT_DELAY * 2 ** attempt, resolve);
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

  /** Answers a waiting entry with what is stored under its key; `false` when nothing is to be seen there. */
  async answerStored(lane: Lane, waiting: Waiting): Promise<boolean> {
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
      this.fail(
        waiting,
        new AppError('client_id_reused', 'The clientId was used for other content'),
      );
    return true;
  }

  /** Nothing is written: but whoever repeats what was written before gets that, also when it may no longer write. */
  answerUnnumbered(lane: Lane, { waiting, decision }: Unnumbered): void {
    const answer = () => {
      if (decision.kind === 'nothing') this.#settle(waiting, { kind: 'nothing' });
      else this.fail(waiting, decision.error);
    };
    this.answerStored(lane, waiting).then(
      (answered) => {
        if (!answered) answer();
      },
      (error: unknown) => {
        this.#deps.onFault('A repeat could not be looked up', error);
        this.fail(waiting, new AppError('unavailable', undefined, { cause: error }));
      },
    );
  }

  /** Reads the log from the last known place: what of a flight stands there is committed, the rest goes back in front. */
  async look(lane: Lane): Promise<void> {
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

  /** Refuses an entry, unless it has been answered. */
  fail(waiting: Waiting, error: AppError): void {
    if (waiting.settled) return;
    waiting.settled = true;
    this.#deps.onSettled();
    waiting.reject(error);
  }
}
