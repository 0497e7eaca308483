import type { Receipt } from '@parley/common/contract';

import type { Context } from '../context.ts';
import type { MarkCall } from './own-marks.ts';
import type { ConversationState } from './state.ts';

/** Milliseconds that marks gather before they are sent. */
const EVERY = 100;
/** Conversations told of at a time: 40 calls a second, below the limit of 50 reads. */
const AT_ONCE = 4;

/** A conversation whose marks may have to be told. */
export interface Marked {
  readonly id: string;
  readonly state: ConversationState | null;
  /** The own marks as the server has them now. */
  takeReceipt(receipt: Receipt): void;
}

export type MarkContext = Pick<Context, 'runtime' | 'requests'>;

/** Tells the server what is delivered and read, coalesced over all conversations. */
export class MarkSender {
  readonly #context: MarkContext;
  readonly #due = new Set<Marked>();
  #armed = false;

  constructor(context: MarkContext) {
    this.#context = context;
  }

  /** The marks of the conversation may have moved. */
  touch(conversation: Marked): void {
    if (dueOf(conversation) === null) return;
    this.#due.add(conversation);
    this.#arm();
  }

  /** There is a connection again, after timers may have been cancelled. */
  resume(): void {
    this.#armed = false;
    if (this.#due.size > 0) this.#arm();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#context.runtime.delay(EVERY, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    const batch = [...this.#due].slice(0, AT_ONCE);
    for (const conversation of batch) this.#due.delete(conversation);
    await Promise.all(batch.map((conversation) => this.#tell(conversation)));
    this.#armed = false;
    if (this.#due.size > 0) this.#arm();
  }

  async #tell(conversation: Marked): Promise<void> {
    const { id: conversationId, state } = conversation;
    const call = dueOf(conversation);
    if (state === null || call === null) return;
    try {
      const stored = await this.#context.requests.call(call.name, {
        conversationId,
        seq: call.seq,
      });
      state.marks.settled(call);
      conversation.takeReceipt(stored);
    } catch {
      // The next connection compares heads and finds the mark below what is here.
    }
  }
}

function dueOf({ state }: Marked): MarkCall | null {
  return state?.marks.due(state.coverage.have) ?? null;
}
