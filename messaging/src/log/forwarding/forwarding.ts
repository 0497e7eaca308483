import type { BatchSettler } from '../batch-settler.ts';
import type { CommittedEntry } from '../committed-entry.ts';
import type { ConversationQueue, Waiting } from '../conversation-queue.ts';
import type { LogMetrics } from '../log-metrics.ts';
import type { Timers } from '../timers.ts';
import type { ReportFault } from '../../faults.ts';
import { ContendedConversations } from './contended-conversations.ts';
import { ForwardReceiver, type ForwardedRequest } from './forward-receiver.ts';
import { Forwarder, type ForwardingEnd } from './forwarder.ts';
import type { ForwardAnswer, ForwardedBatch, ForwardingLink } from './ports.ts';

interface ForwardingDeps {
  readonly link: ForwardingLink;
  readonly settler: Pick<BatchSettler, 'fail' | 'settle' | 'settleNothing'>;
  /** Repairs the projection of a conversation if it does not contain the entries up to `seq`. */
  readonly repair: (conversationId: string, seq: number) => Promise<void>;
  /** Queues entries of one conversation: all, or none if there is no room. Returns whether it did. */
  readonly accept: (conversationId: string, requests: readonly ForwardedRequest[]) => boolean;
  readonly newId: () => string;
  /** Milliseconds since the epoch, by the clock that all nodes share. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly timers: Timers;
  readonly metrics: Pick<LogMetrics, 'forwarded'>;
  readonly reportFault: ReportFault;
}

/** Lets one node write the entries of a contended conversation for all nodes. */
export class Forwarding {
  readonly #link: ForwardingLink;
  readonly #contended: ContendedConversations;
  readonly #forwarder: Forwarder;
  readonly #receiver: ForwardReceiver;

  constructor(deps: ForwardingDeps) {
    const { link, monotonic } = deps;
    this.#link = link;
    this.#contended = new ContendedConversations({ link, monotonic });
    this.#forwarder = new Forwarder({ ...deps, contended: this.#contended });
    this.#receiver = new ForwardReceiver({
      ...deps,
      contended: this.#contended,
      isForwarding: (conversationId) => this.#forwarder.isForwarding(conversationId),
    });
  }

  /** Records that another node took a number that this node proposed. */
  conflicted(conversationId: string): void {
    this.#contended.conflicted(conversationId);
  }

  /**
   * Forwards the entries at the front of a queue as its batch if another node is the writer. Returns whether it did;
   * then `onEnd` is called once.
   */
  forward(queue: ConversationQueue, onEnd: (end: ForwardingEnd) => void): boolean {
    return this.#forwarder.forward(queue, onEnd);
  }

  /** Records that this node has committed entries of a conversation. */
  wrote(conversationId: string): void {
    this.#contended.committed(conversationId, this.#link.nodeId);
  }

  /** Whether it is observed which nodes write to a conversation. */
  observes(conversationId: string): boolean {
    return this.#contended.observes(conversationId);
  }

  /** Records an entry that another node has committed, and answers it if this node has forwarded it. */
  saw(entry: CommittedEntry, author?: string): void {
    const { _id, conversationId } = entry.document;
    if (author !== undefined && !this.#forwarder.isPending(_id))
      this.#contended.committed(conversationId, author);
    this.#forwarder.settle(entry);
  }

  /** Removes an entry that was answered. */
  forget(waiting: Waiting): void {
    this.#forwarder.forget(waiting);
  }

  /** Handles entries that a node forwards. Those for other nodes are ignored. */
  receive(batch: ForwardedBatch, from: string | undefined): void {
    this.#receiver.receive(batch, from);
  }

  /** Handles the answer of a writer. Answers for other nodes are ignored. */
  receiveAnswer(answer: ForwardAnswer, from: string | undefined): void {
    if (answer.to === this.#link.nodeId) this.#forwarder.answered(answer, from);
  }
}
