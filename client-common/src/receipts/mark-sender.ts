import type { Receipt } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import type { MarkRequest, OwnMarks } from './own-marks.ts';

/** Milliseconds during which changes are collected. */
const EVERY = 100;
/** Conversations per round: 40 requests a second, below the limit of 50. */
const PER_ROUND = 4;

/** A conversation whose receipt marks may have to be sent. */
export interface MarkedConversation {
  readonly id: string;
  readonly state: {
    readonly marks: OwnMarks;
    readonly received: { readonly upTo: number };
  } | null;
  /** This user's marks as the server has them now. */
  applyReceipt(receipt: Receipt): void;
}

export interface MarkSenderDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly connection: Pick<Connection, 'server'>;
  readonly requests: Pick<Requests, 'call'>;
}

/**
 * Sends what is delivered and read to the server, coalesced over all conversations. On each connection it waits until
 * what was missed is known: until then, the read marks of the server are those of other devices and former connections.
 */
export class MarkSender {
  readonly #deps: MarkSenderDeps;
  readonly #due = new Set<MarkedConversation>();
  /** Whether a round is scheduled or in progress, or has to wait. */
  #isScheduled = true;

  constructor(deps: MarkSenderDeps) {
    this.#deps = deps;
    deps.connection.server.on('ready', () => {
      this.#isScheduled = true;
    });
  }

  /** What was missed is known. Timers of former connections may have been cancelled. */
  resume(): void {
    this.#isScheduled = false;
    this.#schedule();
  }

  /** The marks of the conversation may have been raised. */
  check(conversation: MarkedConversation): void {
    if (!dueOf(conversation)) return;
    this.#due.add(conversation);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#due.size === 0) return;
    this.#isScheduled = true;
    this.#deps.runtime.delay(EVERY, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    const batch = [...this.#due].slice(0, PER_ROUND);
    for (const conversation of batch) this.#due.delete(conversation);
    await Promise.all(batch.map((conversation) => this.#send(conversation)));
    this.#isScheduled = false;
    this.#schedule();
  }

  async #send(conversation: MarkedConversation): Promise<void> {
    const { id: conversationId, state } = conversation;
    const due = dueOf(conversation);
    if (!due) return;
    try {
      const { name, seq } = due;
      const stored = await this.#deps.requests.call(name, { conversationId, seq });
      state?.marks.accepted(due);
      conversation.applyReceipt(stored);
    } catch {
      // The comparison of heads on the next connection finds the mark too low and sends it again.
    }
  }
}

function dueOf({ state }: MarkedConversation): MarkRequest | null {
  return state?.marks.due(state.received.upTo) ?? null;
}
