import { SECOND } from '@parley/common';

import type { Waiting } from '../conversation-queue.ts';
import type { ContendedConversations } from './contended-conversations.ts';
import type { EntryOutcome, ForwardedBatch, ForwardingLink } from './ports.ts';

/** What the log needs to queue an entry that another node has forwarded. */
export type ForwardedRequest = Pick<Waiting, 'deadline' | 'draft' | 'facts' | 'reject' | 'resolve'>;

interface ForwardReceiverDeps {
  readonly link: ForwardingLink;
  readonly contended: ContendedConversations;
  /** Whether this node has forwarded entries of the conversation to another node and waits for that node. */
  readonly isForwarding: (conversationId: string) => boolean;
  /** Queues entries of one conversation: all, or none if there is no room. Returns whether it did. */
  readonly accept: (conversationId: string, requests: readonly ForwardedRequest[]) => boolean;
  /** Milliseconds since the epoch, by the clock that all nodes share. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/**
 * Milliseconds after which a forwarded entry is no longer proposed here. This is much less than the time after which its
 * origin refuses it, so no entry is written after its sender was answered `unavailable`.
 */
const PROPOSE_WITHIN = 5 * SECOND;

/** Receives entries that other nodes forward to this one. Answers only those that cause no cluster event. */
export class ForwardReceiver {
  readonly #deps: ForwardReceiverDeps;

  constructor(deps: ForwardReceiverDeps) {
    this.#deps = deps;
  }

  /** Queues all entries of a batch, or answers `busy` and queues none. Ignores batches for other nodes. */
  receive(batch: ForwardedBatch, from: string | undefined): void {
    const { accept, contended, link } = this.#deps;
    if (batch.to !== link.nodeId || from === undefined) return;
    const { batchId, conversationId } = batch;
    const requests = this.#mayWaitFor(batch, from) ? this.#requests(batch, from) : undefined;
    if (requests !== undefined && accept(conversationId, requests)) {
      contended.chosenByOther(conversationId);
      return;
    }
    link.answer({ to: from, batchId, outcome: { kind: 'busy' } });
  }

  /**
   * Nodes that forward to each other in a circle would wait for each other. In each circle, some node forwards to a node
   * with a larger id; that batch is refused, which breaks the circle.
   */
  #mayWaitFor({ conversationId }: ForwardedBatch, from: string): boolean {
    return from > this.#deps.link.nodeId || !this.#deps.isForwarding(conversationId);
  }

  /** The entries of a batch; `undefined` if it is too late for one of them. */
  #requests({ batchId, entries }: ForwardedBatch, from: string): ForwardedRequest[] | undefined {
    const { link, monotonic, now } = this.#deps;
    const [proposedBefore, receivedAt] = [monotonic() + PROPOSE_WITHIN, now()];
    const answer = (outcome: EntryOutcome) => link.answer({ to: from, batchId, outcome });
    if (entries.some(({ draft }) => receivedAt - draft.at >= PROPOSE_WITHIN)) return undefined;
    return entries.map(({ draft, facts }) => {
      const id = draft._id;
      return {
        draft,
        facts,
        deadline: proposedBefore - Math.max(0, receivedAt - draft.at),
        resolve: (appended) => {
          if (appended.kind === 'repeated')
            answer({ kind: 'repeated', id, document: appended.document });
          else if (appended.kind === 'nothing') answer({ kind: 'nothing', id });
        },
        reject: (error) => answer({ kind: 'refused', id, error: error.toBody() }),
      };
    });
  }
}
