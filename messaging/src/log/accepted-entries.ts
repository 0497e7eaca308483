import { LIMITS, SECOND } from '@parley/common';

import type { Appended, AppendRequest } from './conversation-log.ts';
import { senderKey, type ConversationQueue, type Waiting } from './conversation-queue.ts';
import type { ConversationQueues } from './conversation-queues.ts';
import { draftOf, type DraftSources } from './entry-draft.ts';
import { bytesOf } from './entry-size.ts';
import type { ForwardedRequest } from './forwarding/forward-receiver.ts';
import type { LogMetrics } from './log-metrics.ts';
import { joinAnswer } from './repeats.ts';
import { unavailable } from './unavailable.ts';

interface AcceptedEntriesDeps extends DraftSources {
  readonly queues: ConversationQueues;
  /** Called after entries were queued. */
  readonly wake: (queue: ConversationQueue) => void;
  /** Called once for each entry that is refused because it waited too long. */
  readonly onRefused: (waiting: Waiting) => void;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
  readonly metrics: Pick<LogMetrics, 'refused'>;
}

const NO_FACTS = {};

/** Accepts entries into the queues of a node, as long as there is room, and refuses those that wait too long. */
export class AcceptedEntries {
  readonly #deps: AcceptedEntriesDeps;
  #size = 0;
  #isClosing = false;
  #whenEmpty: (() => void) | undefined;

  constructor(deps: AcceptedEntriesDeps) {
    this.#deps = deps;
  }

  /** Entries that were accepted and are not answered yet. */
  get size(): number {
    return this.#size;
  }

  /** Queues an entry and resolves with its outcome. A repeat of an entry that waits here gets the same answer. */
  append(request: AppendRequest): Promise<Appended> {
    const { clientId, conversationId, senderId } = request;
    const queue = this.#deps.queues.open(conversationId);
    const key = clientId === undefined ? undefined : senderKey({ clientId, senderId });
    const same = key === undefined ? undefined : queue.find(key);
    if (same?.answer !== undefined)
      return joinAnswer(same.draft, same.answer, draftOf(request, this.#deps));
    if (!this.#hasRoom(queue, 1)) {
      this.#deps.metrics.refused.inc();
      return Promise.reject(unavailable(SECOND));
    }
    return this.#accept(queue, request, key);
  }

  /** Queues entries that another node forwarded: all of them, or none. Returns whether there was room. */
  acceptForwarded(conversationId: string, requests: readonly ForwardedRequest[]): boolean {
    const queue = this.#deps.queues.open(conversationId);
    if (!this.#hasRoom(queue, requests.length)) return false;
    this.#size += requests.length;
    for (const request of requests) {
      const { deadline, draft } = request;
      queue.expiresAt = Math.min(queue.expiresAt, deadline);
      queue.add({
        ...request,
        key: senderKey(draft),
        proposal: draft,
        originSocketId: undefined,
        isForwarded: true,
        bytes: bytesOf(draft),
        settled: false,
        answer: undefined,
      });
    }
    this.#deps.wake(queue);
    return true;
  }

  /** Counts an entry as answered, and removes it from its queue. */
  leave(waiting: Waiting): void {
    this.#size -= 1;
    this.#deps.queues.find(waiting.draft.conversationId)?.forget(waiting);
    if (this.#size === 0) this.#whenEmpty?.();
  }

  /** Refuses entries that have waited for 15 s, and all later entries of their senders. */
  refuseOverdue(): void {
    if (this.#size === 0) return;
    for (const queue of this.#deps.queues.all()) {
      if (queue.hasOverdue(this.#deps.monotonic())) this.refuseOverdueIn(queue);
    }
  }

  /** The same in one conversation. */
  refuseOverdueIn(queue: ConversationQueue): void {
    for (const waiting of queue.takeOverdue(this.#deps.monotonic())) {
      this.#deps.metrics.refused.inc();
      waiting.settled = true;
      this.#deps.onRefused(waiting);
      waiting.reject(unavailable(SECOND));
    }
  }

  /** Refuses new entries, and waits until the accepted ones are answered (at most 15 s). */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      setTimeout(resolve, LIMITS.appendDeadline).unref();
    });
  }

  #accept(
    queue: ConversationQueue,
    request: AppendRequest,
    key: string | undefined,
  ): Promise<Appended> {
    const draft = draftOf(request, this.#deps);
    this.#size += 1;
    let waiting = undefined as Waiting | undefined;
    const answer = new Promise<Appended>((resolve, reject) => {
      waiting = {
        draft,
        key: key ?? senderKey(draft),
        proposal: draft,
        facts: request.facts ?? NO_FACTS,
        originSocketId: request.originSocketId,
        deadline: this.#deps.monotonic() + LIMITS.appendDeadline,
        isForwarded: false,
        bytes: bytesOf(draft),
        settled: false,
        answer: undefined,
        resolve,
        reject,
      };
      queue.add(waiting);
      queue.lastClientIds.set(draft.senderId, draft.clientId);
      this.#deps.wake(queue);
    });
    if (waiting !== undefined) waiting.answer = answer;
    return answer;
  }

  #hasRoom({ waiting }: ConversationQueue, entries: number): boolean {
    return (
      !this.#isClosing &&
      this.#size + entries <= LIMITS.appendQueue &&
      waiting.length + entries <= LIMITS.appendQueuePerConversation
    );
  }
}
