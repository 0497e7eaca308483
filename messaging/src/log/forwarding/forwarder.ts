import { fromErrorBody } from '@parley/common';

import type { ReportFault } from '../../faults.ts';
import type { BatchSettler } from '../batch-settler.ts';
import { CommittedEntry } from '../committed-entry.ts';
import type { ConversationQueue, Waiting } from '../conversation-queue.ts';
import { isMembership } from '../entry-document.ts';
import type { LogMetrics } from '../log-metrics.ts';
import type { Timers } from '../timers.ts';
import type { ContendedConversations } from './contended-conversations.ts';
import type { EntryOutcome, ForwardAnswer, ForwardingLink } from './ports.ts';

interface ForwarderDeps {
  readonly link: ForwardingLink;
  readonly contended: ContendedConversations;
  readonly settler: Pick<BatchSettler, 'fail' | 'settle' | 'settleNothing'>;
  /** Repairs the projection of a conversation if it does not contain the entries up to `seq`. */
  readonly repair: (conversationId: string, seq: number) => Promise<void>;
  readonly newId: () => string;
  readonly timers: Timers;
  readonly metrics: Pick<LogMetrics, 'forwarded'>;
  readonly reportFault: ReportFault;
}

/** How a forwarded batch ended. `busy`: no entry is written. `unanswered`: the outcome of unsettled entries is unknown. */
export type ForwardingEnd = 'settled' | 'busy' | 'unanswered';

/** A batch that was sent to another node. */
interface Forwarding {
  readonly batchId: string;
  readonly conversationId: string;
  readonly writer: string;
  readonly batch: readonly Waiting[];
  readonly onEnd: (end: ForwardingEnd) => void;
  unsettled: number;
  /** The value of `unsettled` when the present timeout was set. */
  unsettledBefore: number;
}

/** An entry that was forwarded and is not answered yet. */
interface Pending {
  readonly waiting: Waiting;
  /** The last batch that contained it, which may have ended. */
  readonly forwarding: Forwarding;
}

/** Milliseconds in which a writer must settle another entry of a batch. */
const SETTLE_WITHIN = 500;
/** Limits of a batch; bytes as in {@link Waiting.bytes}. */
const BATCH = { entries: 100, bytes: 1024 * 1024 };

/**
 * Forwards the entries of contended conversations to their writers, one batch of a conversation at a time. An entry is
 * answered as soon as this node sees it committed, in a cluster event or in any read of the log.
 */
export class Forwarder {
  readonly #deps: ForwarderDeps;
  readonly #forwardings = new Map<string, Forwarding>();
  readonly #pending = new Map<string, Pending>();

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  /**
   * Forwards the entries at the front of a queue as its batch if another node is the writer. Returns whether it did;
   * then `onEnd` is called once.
   */
  forward(queue: ConversationQueue, onEnd: Forwarding['onEnd']): boolean {
    const { contended, link, newId } = this.#deps;
    const { conversationId } = queue;
    const writer = contended.writerOf(conversationId);
    if (writer === undefined || !link.isUp()) return false;
    const batch = queue.takeToForward(BATCH);
    if (batch.length === 0) return false;
    const { length: unsettled } = batch;
    const batchId = newId();
    const forwarding: Forwarding = {
      ...{ batchId, conversationId, writer, batch, onEnd },
      ...{ unsettled, unsettledBefore: unsettled },
    };
    this.#forwardings.set(batchId, forwarding);
    for (const waiting of batch) this.#pending.set(waiting.draft._id, { waiting, forwarding });
    const entries = batch.map(({ draft, facts }) => ({ draft, facts }));
    link.forward({ to: writer, batchId, conversationId, entries });
    this.#watch(forwarding);
    return true;
  }

  /** Whether a batch of the conversation is being written by another node. */
  isForwarding(conversationId: string): boolean {
    for (const forwarding of this.#forwardings.values())
      if (forwarding.conversationId === conversationId) return true;
    return false;
  }

  /** Whether this node has forwarded the entry and has not answered it yet. */
  isPending(id: string): boolean {
    return this.#pending.size > 0 && this.#pending.has(id);
  }

  /** Answers an entry that was forwarded and is committed. Before that, the projection contains its effects on members. */
  settle(entry: CommittedEntry): void {
    if (this.#pending.size === 0) return;
    const { document } = entry;
    const pending = this.#pending.get(document._id);
    if (pending === undefined) return;
    const settle = () => {
      if (pending.waiting.settled) return;
      this.#count(pending.forwarding, 'written');
      this.#deps.settler.settle(pending.waiting, 'written', entry);
    };
    if (!isMembership(document)) {
      settle();
      return;
    }
    // The writer may have crashed before it wrote the projection.
    this.#deps.repair(document.conversationId, document.seq).then(settle, (error: unknown) => {
      this.#deps.reportFault('membership_projection_failed', error);
    });
  }

  /** Handles the answer of a writer. An answer about a batch that has ended is ignored. */
  answered({ batchId, outcome }: ForwardAnswer, from: string | undefined): void {
    const forwarding = this.#forwardings.get(batchId);
    if (forwarding === undefined || forwarding.writer !== from) return;
    if (outcome.kind === 'busy') this.#end(forwarding, 'busy');
    else this.#entryAnswered(forwarding, outcome);
  }

  /** Removes an entry that was answered. Ends its batch if that was the last one. */
  forget({ draft }: Waiting): void {
    if (this.#pending.size === 0) return;
    const pending = this.#pending.get(draft._id);
    if (pending === undefined) return;
    this.#pending.delete(draft._id);
    const { forwarding } = pending;
    forwarding.unsettled -= 1;
    if (forwarding.unsettled === 0) this.#end(forwarding, 'settled');
  }

  #entryAnswered(forwarding: Forwarding, outcome: EntryOutcome): void {
    const waiting = forwarding.batch.find(({ draft }) => draft._id === outcome.id);
    if (waiting === undefined || waiting.settled) return;
    const { settler } = this.#deps;
    const error = outcome.kind === 'refused' ? fromErrorBody(outcome.error) : undefined;
    if (error?.code === 'unavailable') {
      // The writer has given up, but this node must not: otherwise a later entry of the sender could be written first.
      this.#end(forwarding, 'unanswered');
      return;
    }
    this.#count(forwarding, 'answered');
    if (error !== undefined) settler.fail(waiting, error);
    else if (outcome.kind === 'repeated')
      settler.settle(waiting, 'repeated', new CommittedEntry(outcome.document));
    else settler.settleNothing(waiting);
  }

  #watch(forwarding: Forwarding): void {
    this.#deps.timers.after(SETTLE_WITHIN, () => {
      if (!this.#forwardings.has(forwarding.batchId)) return;
      if (forwarding.unsettled === forwarding.unsettledBefore) {
        this.#end(forwarding, 'unanswered');
        return;
      }
      forwarding.unsettledBefore = forwarding.unsettled;
      this.#watch(forwarding);
    });
  }

  #end(forwarding: Forwarding, end: ForwardingEnd): void {
    const { batchId, onEnd, unsettled, writer } = forwarding;
    if (!this.#forwardings.has(batchId)) return;
    if (end !== 'settled') {
      this.#count(forwarding, end, unsettled);
      this.#deps.contended.suspend(writer);
    }
    this.#forwardings.delete(batchId);
    onEnd(end);
  }

  /** Counts entries while their batch is in progress. */
  #count({ batchId }: Forwarding, outcome: string, entries = 1): void {
    if (this.#forwardings.has(batchId)) this.#deps.metrics.forwarded.inc({ outcome }, entries);
  }
}
