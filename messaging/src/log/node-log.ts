import { AppError, LIMITS, SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { Appender } from './appender.ts';
import type { CommittedEntry } from './committed-entry.ts';
import type { Appended, AppendRequest, ConversationLog } from './conversation-log.ts';
import { isMembership, type EntryDraft } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import { BatchSettler } from './batch-settler.ts';
import { ConversationQueue, type Waiting } from './conversation-queue.ts';
import { bytesOf } from './entry-size.ts';
import type { LogMetrics } from './log-metrics.ts';
import type { CommitListener, ConversationOrigin, Projector } from './ports.ts';
import type { ConversationState } from './state.ts';
import { ProjectionChecks } from './projection-checks.ts';
import { StateLoader } from './state-loader.ts';
import { createTimers, type Timers } from './timers.ts';
import { unavailable } from './unavailable.ts';

export interface ConversationLogDeps {
  readonly entries: EntryRepository;
  readonly conversations: { find(conversationId: string): Promise<ConversationOrigin | null> };
  readonly projector: Projector;
  readonly newId: () => string;
  /** Milliseconds since the epoch, by the clock that all nodes share. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  readonly timers?: Timers;
  readonly random?: () => number;
  readonly metrics: LogMetrics;
  readonly reportFault: ReportFault;
}

/** Largest number of conversations that are kept in memory. Beyond it, the idle one that was opened first is dropped. */
const QUEUES = 20_000;
const NO_FACTS = {};

/** The logs of all conversations on one node. */
export class NodeLog implements ConversationLog {
  readonly #deps: ConversationLogDeps;
  readonly #queues = new Map<string, ConversationQueue>();
  readonly #listeners: CommitListener[] = [];
  readonly #loader: StateLoader;
  readonly #checks: ProjectionChecks;
  readonly #appender: Appender;
  readonly #timers: Timers;
  readonly #metrics: LogMetrics;
  readonly #monotonic: () => number;
  #waiting = 0;
  #isClosing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(deps: ConversationLogDeps) {
    this.#deps = deps;
    this.#timers = deps.timers ?? createTimers();
    this.#monotonic = deps.monotonic ?? (() => performance.now());
    this.#metrics = deps.metrics;
    this.#checks = new ProjectionChecks({
      repair: (conversationId, seq) => this.repair(conversationId, seq),
      timers: this.#timers,
      reportFault: deps.reportFault,
    });
    const onCommitted: CommitListener = (committed) => {
      for (const { document } of committed.entries) {
        if (isMembership(document)) this.noteMembership(document);
      }
      for (const listener of this.#listeners) listener(committed);
    };
    this.#loader = new StateLoader({ ...deps, onCommitted });
    const settler = new BatchSettler({
      ...deps,
      onCommitted,
      loader: this.#loader,
      timers: this.#timers,
      onSettled: () => this.#leave(),
    });
    this.#appender = new Appender({
      ...deps,
      loader: this.#loader,
      settler,
      timers: this.#timers,
      random: deps.random ?? Math.random,
    });
  }

  /** Entries that were accepted and are not answered yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Calls `listener` with all entries that this node writes or reads as committed, before they are acknowledged. It is
   * called for every message, so it must be fast, and it must not throw.
   */
  subscribe(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  append(request: AppendRequest): Promise<Appended> {
    return new Promise((resolve, reject) => this.#accept(request, resolve, reject));
  }

  async state(conversationId: string, seq = 0): Promise<ConversationState> {
    const queue = this.#queue(conversationId);
    if (queue.state === undefined || queue.isStale || queue.state.seq < seq) {
      await this.#loader.refresh(queue);
    }
    if (queue.state === undefined) throw new AppError('unavailable');
    return queue.state;
  }

  tails(conversationIds: readonly string[]): Promise<Map<string, number>> {
    return this.#deps.entries.tails(conversationIds);
  }

  /** Whether an entry with this key is queued here or stored. Reads the database only if this node does not know. */
  knows(
    key: Pick<EntryDraft, 'conversationId' | 'senderId' | 'clientId'>,
  ): true | Promise<boolean> {
    const { clientId, conversationId, senderId } = key;
    const queue = this.#queue(conversationId);
    if (queue.lastClientIds.get(senderId) === clientId || queue.holds(senderId, clientId))
      return true;
    return this.#deps.entries.findByClientKey(key).then((stored) => stored !== null);
  }

  /** Whether an entry of this node waits for its outcome. */
  isWriting({ _id, conversationId }: Pick<EntryDraft, '_id' | 'conversationId'>): boolean {
    return this.#queues.get(conversationId)?.isWriting(_id) ?? false;
  }

  /** Records a committed change of members or title. The projection is checked a second later, and repaired if needed. */
  noteMembership({ conversationId, seq }: Pick<EntryDraft, 'conversationId' | 'seq'>): void {
    if (!this.#isClosing) this.#checks.note(conversationId, seq);
  }

  /** Repairs the projection of members and title if it does not contain the entries up to `seq`. */
  async repair(conversationId: string, seq: number): Promise<void> {
    const stored = await this.#deps.conversations.find(conversationId);
    if (stored === null || stored.membersSeq >= seq) return;
    await this.#loader.repair(await this.state(conversationId, seq), seq);
  }

  /** Records that the log of a conversation has entries up to `seq`: they are read before the next proposal. */
  noteTail(conversationId: string, seq: number): void {
    this.#queues.get(conversationId)?.noteTail(seq);
  }

  /** Takes an entry that another node has committed into the state of its conversation. */
  received({ document }: CommittedEntry): void {
    this.#queues.get(document.conversationId)?.receive(document);
  }

  /** Refuses entries that have waited for 15 s, and all later entries of their senders. The module calls it twice a second. */
  refuseOverdue(): void {
    if (this.#waiting === 0) return;
    const acceptedBefore = this.#monotonic() - LIMITS.appendDeadline;
    for (const queue of this.#queues.values()) {
      const first = queue.batch[0] ?? queue.waiting[0];
      if (first === undefined || first.acceptedAt >= acceptedBefore) continue;
      for (const waiting of queue.takeOverdue(acceptedBefore)) {
        this.#metrics.refused.inc();
        waiting.settled = true;
        this.#leave();
        waiting.reject(unavailable(SECOND));
      }
    }
  }

  /** Refuses new entries, waits until the accepted ones are answered (at most 15 s), and stops. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#waiting > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
        setTimeout(resolve, LIMITS.appendDeadline).unref();
      });
    }
    this.#timers.clear();
  }

  #accept(request: AppendRequest, resolve: Waiting['resolve'], reject: Waiting['reject']): void {
    const queue = this.#queue(request.conversationId);
    if (
      this.#isClosing ||
      this.#waiting >= LIMITS.appendQueue ||
      queue.waiting.length >= LIMITS.appendQueuePerConversation
    ) {
      this.#metrics.refused.inc();
      reject(unavailable(SECOND));
      return;
    }
    const draft = this.#draft(request);
    const waiting: Waiting = {
      draft,
      proposal: draft,
      facts: request.facts ?? NO_FACTS,
      originSocketId: request.originSocketId,
      acceptedAt: this.#monotonic(),
      bytes: bytesOf(draft),
      settled: false,
      resolve,
      reject,
    };
    this.#waiting += 1;
    queue.waiting.push(waiting);
    queue.lastClientIds.set(draft.senderId, draft.clientId);
    this.#appender.wake(queue);
  }

  #leave(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#whenEmpty?.();
  }

  #draft(request: AppendRequest): EntryDraft {
    const { content, conversationId, senderId } = request;
    const _id = this.#deps.newId();
    const clientId = request.clientId ?? _id;
    const at = this.#deps.now();
    if (content.kind !== 'message' || content.attachment !== undefined) {
      return { _id, conversationId, seq: 0, senderId, clientId, at, ...content };
    }
    // Plain messages are the most frequent: a spread would double the cost of this function.
    const { kind, replyTo, text } = content;
    return { _id, conversationId, seq: 0, senderId, clientId, at, kind, text, replyTo };
  }

  #queue(conversationId: string): ConversationQueue {
    const known = this.#queues.get(conversationId);
    if (known !== undefined) return known;
    if (this.#queues.size >= QUEUES) this.#forgetIdle();
    const queue = new ConversationQueue(conversationId);
    this.#queues.set(conversationId, queue);
    return queue;
  }

  #forgetIdle(): void {
    let looked = 0;
    for (const [conversationId, queue] of this.#queues) {
      if (queue.isIdle) {
        this.#queues.delete(conversationId);
        return;
      }
      looked += 1;
      if (looked === 1_000) return;
    }
  }
}
