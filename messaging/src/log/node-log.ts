import { AppError } from '@parley/common';

import type { ReportFault } from '../faults.ts';
import { AcceptedEntries } from './accepted-entries.ts';
import { Appender } from './appender.ts';
import { CommittedEntry } from './committed-entry.ts';
import type { Appended, AppendRequest, ConversationLog } from './conversation-log.ts';
import { isMembership, type EntryDocument, type EntryDraft } from './entry-document.ts';
import type { EntryRepository } from './entry-repository.ts';
import { BatchSettler } from './batch-settler.ts';
import { senderKey, type Waiting } from './conversation-queue.ts';
import { ConversationQueues } from './conversation-queues.ts';
import { Forwarding } from './forwarding/forwarding.ts';
import type { ForwardingLink } from './forwarding/ports.ts';
import type { LogMetrics } from './log-metrics.ts';
import type { CommitListener, Committed, ConversationOrigin, Projector } from './ports.ts';
import type { ConversationState } from './state.ts';
import { ProjectionChecks } from './projection-checks.ts';
import { StateLoader } from './state-loader.ts';
import { createTimers, type Timers } from './timers.ts';

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
  readonly #accepted: AcceptedEntries;
  #isClosing = false;

  constructor(deps: ConversationLogDeps) {
    this.#deps = deps;
    this.#timers = deps.timers ?? createTimers();
    const monotonic = deps.monotonic ?? (() => performance.now());
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
    this.#accepted = new AcceptedEntries({
      ...deps,
      queues: this.#queues,
      wake: (queue) => this.#appender.wake(queue),
      onRefused: (waiting) => this.#left(waiting),
      monotonic,
    });
    const settler = new BatchSettler({
      ...deps,
      onCommitted,
      loader: this.#loader,
      timers: this.#timers,
      onSettled: (waiting) => this.#left(waiting),
      takeRepeat: (waiting) => this.#queues.find(waiting.draft.conversationId)?.takeRepeat(waiting),
    });
    this.forwarding = new Forwarding({
      ...deps,
      link: deps.forwarding,
      settler,
      repair: (conversationId, seq) => this.repair(conversationId, seq),
      accept: (conversationId, requests) =>
        this.#accepted.acceptForwarded(conversationId, requests),
      monotonic,
      timers: this.#timers,
    });
    this.#appender = new Appender({
      ...deps,
      loader: this.#loader,
      settler,
      forwarding: this.forwarding,
      refuseOverdue: (queue) => this.#accepted.refuseOverdueIn(queue),
      timers: this.#timers,
      random: deps.random ?? Math.random,
    });
  }

  /** Entries that were accepted and are not answered yet. */
  get waiting(): number {
    return this.#accepted.size;
  }

  /**
   * Calls `listener` with all entries that this node writes or reads as committed, before they are acknowledged. It is
   * called for every message, so it must be fast, and it must not throw.
   */
  subscribe(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  append(request: AppendRequest): Promise<Appended> {
    return this.#accepted.append(request);
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
    if (queue.find(senderKey({ clientId, senderId })) !== undefined) return true;
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
   * Whether this node needs the entries of a conversation at once, because it is writing to it or chooses its writer.
   * For all others it is enough to know the end of the log.
   */
  needsEntriesOf(conversationId: string): boolean {
    return (
      this.#queues.find(conversationId)?.isIdle === false ||
      this.forwarding.observes(conversationId)
    );
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
    this.#accepted.refuseOverdue();
  }

  /** Refuses new entries, waits until the accepted ones are answered (at most 15 s), and stops. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#accepted.close();
    this.#timers.clear();
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

  #left(waiting: Waiting): void {
    this.#accepted.leave(waiting);
    this.forwarding.forget(waiting);
  }
}
