import { type AppError, CLIENT_LIMITS } from '@parley/common';
import type { ConversationItem, Entry } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import type { PageRequest } from '../timeline/timeline-window.ts';
import type { RefreshableConversation, Refresher } from './refresher.ts';
import { askAbout } from './ask-about.ts';
import { TaskLimiter } from './task-limiter.ts';

/** Pages requested at a time, over all conversations. */
const PARALLEL = 4;
/** Milliseconds after which a failed request is repeated while the connection lasts. */
const RETRY_AFTER = 5_000;

/** A conversation whose missing entries can be fetched. */
export interface IncompleteConversation extends RefreshableConversation {
  readonly state: {
    readonly isStale: boolean;
    readonly item: ConversationItem;
    readonly received: {
      gap(last: number): { readonly after: number; readonly to: number } | null;
    };
  } | null;
  readonly timeline: {
    readonly snapshot: { readonly isWatched: boolean };
    /** The next page that the timeline lacks. */
    missing(): PageRequest | null;
    failed(error: AppError): void;
  };
  applyPage(page: PageRequest, entries: readonly Entry[]): void;
}

export interface CatchUpDeps {
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly connection: Pick<Connection, 'isOnline'>;
  readonly requests: Pick<Requests, 'call'>;
  readonly refresher: Pick<Refresher, 'now'>;
}

/**
 * Fetches missing entries: first those that a timeline shows, then all from the own delivered mark on,
 * page by page, so that the mark can rise. Entries that no timeline shows are processed and dropped.
 */
export class CatchUp {
  readonly #deps: CatchUpDeps;
  readonly #limiter = new TaskLimiter(PARALLEL);
  readonly #running = new Map<IncompleteConversation, Promise<void>>();

  constructor(deps: CatchUpDeps) {
    this.#deps = deps;
  }

  /** Fetches until nothing is missing. Resolves then, or when it has to give up. */
  run(conversation: IncompleteConversation): Promise<void> {
    const running = this.#running.get(conversation);
    if (running) return running;
    if (!this.#deps.connection.isOnline || !nextPage(conversation)) {
      return Promise.resolve();
    }
    const run = this.#fetch(conversation);
    this.#running.set(conversation, run);
    return run;
  }

  async #fetch(conversation: IncompleteConversation): Promise<void> {
    const { connection, refresher } = this.#deps;
    try {
      await (conversation.state ?? refresher.now(conversation));
      let before = null as PageRequest | null;
      for (;;) {
        const page = nextPage(conversation);
        // A server that has nothing newer must not be asked again and again.
        const isAsked = page?.after === before?.after && page?.limit === before?.limit;
        if (!page || isAsked || !connection.isOnline) return;
        before = page;
        await this.#fetchPage(conversation, page);
      }
    } catch (thrown) {
      this.#failed(conversation, thrown as AppError);
    } finally {
      // At once: what turns out to be missing in the next microtask begins a run of its own.
      this.#running.delete(conversation);
    }
  }

  async #fetchPage(conversation: IncompleteConversation, page: PageRequest): Promise<void> {
    const input = { conversationId: conversation.id, ...page };
    const request = () => this.#deps.requests.call('conversation:entries', input);
    const priority = conversation.timeline.snapshot.isWatched ? 'urgent' : 'background';
    const { entries } = await askAbout(conversation, () => this.#limiter.run(request, priority));
    conversation.applyPage(page, entries);
  }

  #failed(conversation: IncompleteConversation, error: AppError): void {
    conversation.timeline.failed(error);
    if (error.code === 'not_found') conversation.remove();
    else if (error.retryable) {
      this.#deps.runtime.delay(RETRY_AFTER, () => void this.run(conversation));
    }
  }
}

function nextPage({ state, timeline }: IncompleteConversation): PageRequest | null {
  const shown = timeline.missing();
  if (shown || !state) return shown;
  const gap = state.received.gap(state.item.lastSeq);
  return gap === null
    ? null
    : { after: gap.after, limit: Math.min(gap.to - gap.after, CLIENT_LIMITS.pageMax) };
}
