import { AppError } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { CommittedEntry } from './committed-entry.ts';
import type { Appended } from './conversation-log.ts';
import { isMembership, type EntryDocument } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import { fold } from './fold.ts';
import { senderKey, type ConversationQueue, type Waiting } from './conversation-queue.ts';
import type { Unnumbered } from './assign-seqs.ts';
import type { CommitListener, ProjectionStep, Projector } from './ports.ts';
import { keyReused, repeated } from './repeats.ts';
import { isSameContent } from './same-content.ts';
import type { ConversationState } from './state.ts';
import type { StateLoader } from './state-loader.ts';
import type { Timers } from './timers.ts';

interface BatchSettlerDeps {
  readonly entries: Pick<
    EntryRepository,
    'findByClientKey' | 'findByClientKeys' | 'findDeletionOf'
  >;
  readonly loader: Pick<StateLoader, 'readDelta' | 'refresh' | 'repair'>;
  readonly projector: Projector;
  readonly onCommitted: CommitListener;
  readonly timers: Timers;
  /** Called once for each entry, right before it is answered. */
  readonly onSettled: (waiting: Waiting) => void;
  /** Removes and returns the repeat of an entry that was refused, if one waits. */
  readonly takeRepeat: (waiting: Waiting) => Waiting | undefined;
  readonly reportFault: ReportFault;
}

/** Milliseconds until a failed projection of members is retried; doubles with each attempt. */
const PROJECT_DELAY = 50;
const NOTHING: Appended = { kind: 'nothing' };

/** Settles the entries of a batch: publishes and answers committed ones, and looks up those that were stored before. */
export class BatchSettler {
  readonly #deps: BatchSettlerDeps;

  constructor(deps: BatchSettlerDeps) {
    this.#deps = deps;
  }

  /** Folds, publishes and answers committed entries. If they change members or title, the projection is written first. */
  commit(queue: ConversationQueue, committed: readonly Waiting[]): Promise<void> | undefined {
    if (committed.length === 0) return undefined;
    const documents = committed.map(({ proposal }) => proposal);
    const after = queue.batchBase && fold(queue.batchBase, documents);
    if (after === undefined || !documents.some(isMembership)) {
      this.#announce(queue, committed, after);
      return undefined;
    }
    return this.#commitMembership(queue, committed, { after, documents });
  }

  async #commitMembership(
    queue: ConversationQueue,
    committed: readonly Waiting[],
    { after, documents }: Omit<ProjectionStep, 'before'>,
  ): Promise<void> {
    const before = queue.state;
    const isProjected = before !== undefined && (await this.#project({ before, after, documents }));
    this.#announce(queue, committed, after);
    // The next load of the state repairs the projection.
    if (!isProjected) queue.state = undefined;
  }

  /** Returns whether the projection was written. The entries are committed in any case, so a later repair may write it. */
  async #project(step: ProjectionStep): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#deps.projector.project(step);
        return true;
      } catch (error) {
        this.#deps.reportFault('membership_projection_failed', error);
        if (attempt === 3) return false;
        await new Promise<void>((resolve) => {
          this.#deps.timers.after(PROJECT_DELAY * 2 ** attempt, resolve);
        });
      }
    }
  }

  #announce(
    queue: ConversationQueue,
    committed: readonly Waiting[],
    after: ConversationState | undefined,
  ): void {
    if (after !== undefined) queue.moveTo(after);
    queue.attempts = 0;
    const { conversationId } = queue;
    const entries = committed.map(
      ({ originSocketId, proposal }) => new CommittedEntry(proposal, originSocketId),
    );
    this.#deps.onCommitted({ conversationId, entries, isOwn: true });
    for (const [index, entry] of entries.entries()) {
      const waiting = committed[index];
      if (waiting !== undefined) this.settle(waiting, 'written', entry);
    }
  }

  /** Answers a waiting entry with the entry that is stored under its key. Returns `false` if none is readable. */
  async answerStored(queue: ConversationQueue, waiting: Waiting): Promise<boolean> {
    const { draft } = waiting;
    const { entries } = this.#deps;
    const stored =
      (await entries.findByClientKey(draft)) ??
      (draft.kind === 'deletion'
        ? await entries.findDeletionOf(draft.conversationId, draft.messageId)
        : null);
    if (stored === null) return false;
    await this.#answerWith(queue, waiting, stored);
    return true;
  }

  /**
   * Answers those of the waiting entries that are stored, with one query. Each stored entry that is proposed again
   * stops a round, so a client that repeats many messages would delay all writers of its conversation.
   */
  async answerAllStored(queue: ConversationQueue, waiting: readonly Waiting[]): Promise<void> {
    const unsettled = waiting.filter(({ settled }) => !settled);
    const stored = await this.#deps.entries.findByClientKeys(
      queue.conversationId,
      unsettled.map(({ draft }) => draft),
    );
    const byKey = new Map(stored.map((document) => [senderKey(document), document]));
    for (const each of unsettled) {
      const document = byKey.get(each.key);
      if (document !== undefined) await this.#answerWith(queue, each, document);
    }
  }

  async #answerWith(
    queue: ConversationQueue,
    waiting: Waiting,
    stored: EntryDocument,
  ): Promise<void> {
    const { draft } = waiting;
    queue.noteTail(stored.seq);
    if (stored._id === draft._id) await this.#announceLate(queue, [{ waiting, document: stored }]);
    else if (isSameContent(stored, draft))
      this.settle(waiting, 'repeated', new CommittedEntry(stored));
    else this.fail(waiting, keyReused());
  }

  /** Answers an entry that is not written. A repeat gets the stored entry, even if its sender may no longer write. */
  answerUnnumbered(queue: ConversationQueue, { waiting, decision }: Unnumbered): void {
    const answer = async () => {
      if (await this.answerStored(queue, waiting)) return;
      if (decision.kind === 'refuse') {
        this.fail(waiting, decision.error);
        return;
      }
      // The node that made this change may have crashed before it wrote the projection.
      if (queue.state !== undefined)
        await this.#deps.loader.repair(queue.state, queue.state.membership.version);
      this.settleNothing(waiting);
    };
    answer().catch((error: unknown) => {
      this.#deps.reportFault('repeat_lookup_failed', error);
      this.fail(waiting, new AppError('unavailable', undefined, { cause: error }));
    });
  }

  /** Reads the log from the last known position: commits the entries of the batch that are there, and queues the others again. */
  async look(queue: ConversationQueue): Promise<void> {
    const { batch } = queue;
    const documents = await this.#deps.loader.readDelta(queue);
    const byId = new Map(documents.map((document) => [document._id, document]));
    const landed = batch.flatMap((waiting) => {
      const document = byId.get(waiting.draft._id);
      return document === undefined ? [] : [{ waiting, document }];
    });
    await this.#announceLate(queue, landed);
    queue.returnBatch();
  }

  /** Publishes and answers entries of this node that were found in the log, in their order. */
  async #announceLate(
    queue: ConversationQueue,
    landed: readonly { readonly waiting: Waiting; readonly document: EntryDocument }[],
  ): Promise<void> {
    if (landed.length === 0) return;
    if (landed.some(({ document }) => isMembership(document))) {
      // No node has projected them; loading the state does.
      queue.state = undefined;
      await this.#deps.loader.refresh(queue);
    }
    const late = landed.map(({ waiting, document }) => {
      return { waiting, entry: new CommittedEntry(document, waiting.originSocketId) };
    });
    const entries = late.map(({ entry }) => entry);
    this.#deps.onCommitted({ conversationId: queue.conversationId, entries, isOwn: true });
    for (const { waiting, entry } of late) this.settle(waiting, 'written', entry);
  }

  /** Answers an entry, unless it was answered before. */
  settle(waiting: Waiting, kind: 'written' | 'repeated', entry: CommittedEntry): void {
    const { document, shown } = entry;
    this.#answer(waiting, { kind, document, shown });
  }

  /** Answers an entry that changes nothing, unless it was answered before. */
  settleNothing(waiting: Waiting): void {
    this.#answer(waiting, NOTHING);
  }

  /** Answers the repeat, if one waits, of an entry that was refused because it waited too long. */
  #settleRepeat(refused: Waiting, appended: Appended): void {
    const repeat = this.#deps.takeRepeat(refused);
    if (repeat === undefined) return;
    if (isSameContent(refused.draft, repeat.draft)) this.#answer(repeat, repeated(appended));
    else this.fail(repeat, keyReused());
  }

  /** Refuses an entry that has not been answered yet. */
  fail(waiting: Waiting, error: AppError): void {
    if (waiting.settled) return;
    waiting.settled = true;
    this.#deps.onSettled(waiting);
    waiting.reject(error);
  }

  #answer(waiting: Waiting, appended: Appended): void {
    if (waiting.settled) {
      this.#settleRepeat(waiting, appended);
      return;
    }
    waiting.settled = true;
    this.#deps.onSettled(waiting);
    waiting.resolve(appended);
  }
}
