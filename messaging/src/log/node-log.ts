import { AppError, LIMITS, SECOND } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { Appender } from './appender.ts';
import { CommittedEntry } from './committed-entry.ts';
import type { Appended, AppendRequest, ConversationLog } from './conversation-log.ts';
import { isMembership, type EntryDocument, type EntryDraft } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import { BatchSettler } from './batch-settler.ts';
import type { ConversationQueue, Waiting } from './conversation-queue.ts';
import { ConversationQueues } from './conversation-queues.ts';
import { draftOf } from './entry-draft.ts';
import { bytesOf } from './entry-size.ts';
import type { ForwardedRequest } from './forwarding/forward-receiver.ts';
import { Forwarding } from './forwarding/forwarding.ts';
import type { ForwardingLink } from './forwarding/ports.ts';
import type { LogMetrics } from './log-metrics.ts';
import type { CommitListener, Committed, ConversationOrigin, Projector } from './ports.ts';
import type { ConversationState } from './state.ts';
import { ProjectionChecks } from './projection-checks.ts';
import { joinAnswer } from './repeats.ts';
import { StateLoader } from './state-loader.ts';
import { createTimers, type Timers } from './timers.ts';
import { unavailable } from './unavailable.ts';

export interface ConversationLogDeps {
  readonly entries: EntryRepository;
  readonly conversations: { find(conversationId: string): Promise<ConversationOrigin | null> };
  readonly projector: Projector;
  /** How entries of contended conversations reach their writers. */
  readonly forwarding: ForwardingLink;
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

const NO_FACTS = {};

/** The logs of all conversations on one node. */
export class NodeLog implements ConversationLog {
  /** Entries of contended conversations, between this node and their writers. */
  readonly forwarding: Forwarding;
  readonly #deps: ConversationLogDeps;
  readonly #queues = new ConversationQueues();
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
    const onCommitted: CommitListener = (committed) => this.#committed(committed);
    this.#loader = new StateLoader({
      ...deps,
      onCommitted,
      committedEntry: (document) => this.committedEntry(document),
    });
    const settler = new BatchSettler({
      ...deps,
      onCommitted,
      loader: this.#loader,
      timers: this.#timers,
      onSettled: (waiting) => this.#leave(waiting),
      takeRepeat: (waiting) => this.#queues.find(waiting.draft.conversationId)?.takeRepeat(waiting),
    });
    this.forwarding = new Forwarding({
      ...deps,
      link: deps.forwarding,
      settler,
      repair: (conversationId, seq) => this.repair(conversationId, seq),
      accept: (conversationId, requests) => this.#acceptForwarded(conversationId, requests),
      monotonic: this.#monotonic,
      timers: this.#timers,
    });
    this.#appender = new Appender({
      ...deps,
      loader: this.#loader,
      settler,
      forwarding: this.forwarding,
      refuseOverdue: (queue) => this.#refuseOverdueIn(queue),
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
    const { clientId, conversationId, senderId } = request;
    const queue = this.#queues.open(conversationId);
    const same = clientId === undefined ? undefined : queue.find(senderId, clientId);
    if (same?.answer !== undefined)
      return joinAnswer(same.draft, same.answer, draftOf(request, this.#deps));
    let waiting = undefined as Waiting | undefined;
    const answer = new Promise<Appended>((resolve, reject) => {
      waiting = this.#accept(request, resolve, reject);
    });
    if (waiting !== undefined) waiting.answer = answer;
    return answer;
  }

  async state(conversationId: string, seq = 0): Promise<ConversationState> {
    const queue = this.#queues.open(conversationId);
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
    const queue = this.#queues.open(conversationId);
    if (queue.lastClientIds.get(senderId) === clientId) return true;
    if (queue.find(senderId, clientId) !== undefined) return true;
    return this.#deps.entries.findByClientKey(key).then((stored) => stored !== null);
  }

  /** A stored entry, with the socket that gets it as its ack if it waits here for its outcome. */
  committedEntry(document: EntryDocument): CommittedEntry {
    const queue = this.#queues.find(document.conversationId);
    return new CommittedEntry(document, queue?.originOf(document._id));
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
    this.#queues.find(conversationId)?.noteTail(seq);
  }

  /**
   * Takes an entry that another node has committed into the state of its conversation, and answers it if this node has
   * forwarded it. `from` is the node that committed it; absent if it is not known.
   */
  received(entry: CommittedEntry, from?: string): void {
    this.#queues.find(entry.document.conversationId)?.receive(entry.document);
    this.forwarding.saw(entry, from);
  }

  /** Refuses entries that have waited for 15 s, and all later entries of their senders. The module calls it twice a second. */
  refuseOverdue(): void {
    if (this.#waiting === 0) return;
    for (const queue of this.#queues.all()) {
      if (queue.hasOverdue(this.#monotonic())) this.#refuseOverdueIn(queue);
    }
  }

  #refuseOverdueIn(queue: ConversationQueue): void {
    for (const waiting of queue.takeOverdue(this.#monotonic())) {
      this.#metrics.refused.inc();
      waiting.settled = true;
      this.#leave(waiting);
      waiting.reject(unavailable(SECOND));
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

  #accept(
    request: AppendRequest,
    resolve: Waiting['resolve'],
    reject: Waiting['reject'],
  ): Waiting | undefined {
    const queue = this.#queues.open(request.conversationId);
    if (!this.#hasRoom(queue, 1)) {
      this.#metrics.refused.inc();
      reject(unavailable(SECOND));
      return undefined;
    }
    const draft = draftOf(request, this.#deps);
    this.#waiting += 1;
    const waiting: Waiting = {
      draft,
      proposal: draft,
      facts: request.facts ?? NO_FACTS,
      originSocketId: request.originSocketId,
      deadline: this.#monotonic() + LIMITS.appendDeadline,
      isForwarded: false,
      bytes: bytesOf(draft),
      settled: false,
      answer: undefined,
      resolve,
      reject,
    };
    queue.add(waiting);
    queue.lastClientIds.set(draft.senderId, draft.clientId);
    this.#appender.wake(queue);
    return waiting;
  }

  #acceptForwarded(conversationId: string, requests: readonly ForwardedRequest[]): boolean {
    const queue = this.#queues.open(conversationId);
    if (!this.#hasRoom(queue, requests.length)) return false;
    this.#waiting += requests.length;
    for (const request of requests) {
      const { deadline, draft } = request;
      queue.expiresAt = Math.min(queue.expiresAt, deadline);
      queue.add({
        ...request,
        proposal: draft,
        originSocketId: undefined,
        isForwarded: true,
        bytes: bytesOf(draft),
        settled: false,
        answer: undefined,
      });
    }
    this.#appender.wake(queue);
    return true;
  }

  #hasRoom({ waiting }: ConversationQueue, entries: number): boolean {
    return (
      !this.#isClosing &&
      this.#waiting + entries <= LIMITS.appendQueue &&
      waiting.length + entries <= LIMITS.appendQueuePerConversation
    );
  }

  #committed(committed: Committed): void {
    const { conversationId, entries, isOwn } = committed;
    for (const { document } of entries) {
      if (isMembership(document)) this.noteMembership(document);
    }
    for (const listener of this.#listeners) listener(committed);
    if (isOwn) this.forwarding.wrote(conversationId);
    else for (const entry of entries) this.forwarding.saw(entry);
  }

  #leave(waiting: Waiting): void {
    this.#waiting -= 1;
    this.#queues.find(waiting.draft.conversationId)?.forget(waiting);
    this.forwarding.forget(waiting);
    if (this.#waiting === 0) this.#whenEmpty?.();
  }
}
