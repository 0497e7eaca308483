import { type AppError, LIMITS } from '@parley/common';

import type { Context } from '../context.ts';
import type { Conversation } from '../conversations/conversation.ts';
import type { PageRequest } from '../timeline/shown.ts';
import { Pool } from './pool.ts';

/** Pages on their way at a time, over all conversations. */
const PARALLEL = 4;
/** Milliseconds after which a pull that failed is tried again while the connection stands. */
const AGAIN = 5_000;

export type CatchUpContext = Pick<Context, 'runtime' | 'requests' | 'connection' | 'refresher'>;

/**
 * Pulls what is missing: first what a timeline shows, then every entry from the own mark on, page by
 * page, so that the mark can move. What no timeline shows is looked through and dropped.
 */
export class CatchUp {
  readonly #context: CatchUpContext;
  readonly #pool = new Pool(PARALLEL);
  readonly #running = new Map<Conversation, Promise<void>>();

  constructor(context: CatchUpContext) {
    this.#context = context;
  }

  /** Pulls until nothing is missing. Resolves then, or when it had to give up. */
  run(conversation: Conversation): Promise<void> {
    const running = this.#running.get(conversation);
    if (running) return running;
    if (!this.#context.connection.isOnline || nextPage(conversation) === null)
      return Promise.resolve();
    const run = this.#pull(conversation).finally(() => this.#running.delete(conversation));
    this.#running.set(conversation, run);
    return run;
  }

  async #pull(conversation: Conversation): Promise<void> {
    try {
      if (conversation.state === null) await this.#context.refresher.now(conversation);
      let before: PageRequest | null = null;
      for (;;) {
        const page = nextPage(conversation);
        // A server that has nothing new is not asked in a circle.
        if (page === null || isSame(page, before) || !this.#context.connection.isOnline) return;
        before = page;
        await this.#page(conversation, page);
      }
    } catch (thrown) {
      this.#failed(conversation, thrown as AppError);
    }
  }

  async #page(conversation: Conversation, page: PageRequest): Promise<void> {
    const { requests } = this.#context;
    const priority = conversation.timeline.snapshot.isWatched ? 'urgent' : 'background';
    const { entries } = await this.#pool.run(
      () => requests.call('conversation:entries', { conversationId: conversation.id, ...page }),
      priority,
    );
    conversation.takePage(page, entries);
  }

  #failed(conversation: Conversation, error: AppError): void {
    conversation.timeline.failed(error);
    if (error.code === 'not_found') conversation.remove();
    else if (error.retryable) {
      this.#context.runtime.delay(AGAIN, () => void this.run(conversation));
    }
  }
}

function isSame(page: PageRequest, other: PageRequest | null): boolean {
  return other !== null && page.after === other.after && page.limit === other.limit;
}

function nextPage({ state, timeline }: Conversation): PageRequest | null {
  const shown = timeline.need();
  if (shown !== null || state === null) return shown;
  const gap = state.coverage.gap(state.item.lastSeq);
  return gap === null
    ? null
    : { after: gap.after, limit: Math.min(gap.to - gap.after, LIMITS.pageMax) };
}
