import type { EventPayload, Head } from '@parley/common/contract';

import { backoff } from '../connection/backoff.ts';
import type { Requests } from '../connection/requests.ts';
import type { Conversation } from '../conversations/conversation.ts';
import type { Conversations } from '../conversations/conversations.ts';
import type { Cancel, Runtime } from '../runtime.ts';
import { Pool } from './pool.ts';
import type { CatchUp } from './catch-up.ts';
import type { Refresher } from './refresher.ts';

/** Rows of the first page of the list, and of the further ones. */
const FIRST_PAGE = 50;
const PAGE = 200;
/** Up to this many conversations are asked for one by one; beyond it the list is paged through. */
const ONE_BY_ONE = 10;
const PARALLEL = 4;
/** Conversations whose newest page is held ready. */
const PREFETCHED = 15;

export interface SynchroniserDeps {
  readonly runtime: Runtime;
  readonly requests: Requests;
  readonly conversations: Conversations;
  readonly refresher: Refresher;
  readonly catchUp: CatchUp;
  readonly isOpen: () => boolean;
  /** Everything missed is known. */
  readonly synced: () => void;
}

/**
 * Compares what this device has with the server's heads, once for each connection and whenever the
 * server asks for it. It needs no clock and no token, so it cannot miss anything.
 */
export class Synchroniser {
  readonly #deps: SynchroniserDeps;
  #run = 0;
  #failures = 0;
  #resync: Cancel | null = null;
  /** Conversations that came while a comparison was under way: its heads may not have them. */
  readonly #fresh = new Set<string>();

  constructor(deps: SynchroniserDeps) {
    this.#deps = deps;
  }

  /** Compares now. A comparison that is under way is left to end without effect. */
  async compare(): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    this.#fresh.clear();
    this.#resync?.();
    this.#resync = null;
    const { runtime, isOpen } = this.#deps;
    try {
      await this.#compare(() => run === this.#run);
      this.#failures = 0;
    } catch {
      if (run !== this.#run || !isOpen()) return;
      this.#failures += 1;
      this.#later(backoff(this.#failures + 2, runtime.platform.random));
    }
  }

  /** The server asks for a comparison, spread over some time. */
  resync({ withinMs }: EventPayload<'resync'>): void {
    if (this.#resync === null) this.#later(this.#deps.runtime.random(withinMs));
  }

  /** A conversation was added or asked for, whatever the heads say that are on their way. */
  added(conversationId: string): void {
    this.#fresh.add(conversationId);
  }

  #later(ms: number): void {
    this.#resync?.();
    this.#resync = this.#deps.runtime.delay(ms, () => {
      this.#resync = null;
      void this.compare();
    });
  }

  async #compare(isCurrent: () => boolean): Promise<void> {
    const { conversations, synced } = this.#deps;
    const [heads, cursor] = await Promise.all([this.#heads(), this.#list(undefined, FIRST_PAGE)]);
    if (!isCurrent()) return;
    conversations.setReady();
    const wanted = this.#takeHeads(heads);
    await this.#fetch(wanted, cursor, isCurrent);
    if (!isCurrent()) return;
    const shown = conversations.all.filter(({ timeline }) => timeline.isWanted);
    await Promise.all(shown.map((each) => this.#deps.catchUp.run(each)));
    if (!isCurrent()) return;
    synced();
    await this.#prefetch(isCurrent);
  }

  /** All own conversations by id, page by page. */
  async #heads(): Promise<readonly Head[]> {
    const all: Head[] = [];
    for (;;) {
      const after = all.at(-1)?.conversationId;
      const page = await this.#deps.requests.call('sync', after === undefined ? {} : { after });
      all.push(...page.heads);
      if (!page.hasMore || page.heads.length === 0) return all;
    }
  }

  /** Answers which conversations have to be asked for, and forgets those that are gone. */
  #takeHeads(heads: readonly Head[]): Set<string> {
    const { conversations } = this.#deps;
    const wanted = new Set<string>();
    const present = new Set<string>();
    for (const head of heads) {
      const { conversationId } = head;
      present.add(conversationId);
      if (conversations.of(conversationId).takeHead(head) !== 'same') wanted.add(conversationId);
    }
    for (const conversation of conversations.all) {
      if (!present.has(conversation.id) && !this.#fresh.has(conversation.id)) conversation.remove();
    }
    return wanted;
  }

  /** Asks for conversations: through the list where they are many, else each. */
  async #fetch(
    wanted: Set<string>,
    cursor: string | null,
    isCurrent: () => boolean,
  ): Promise<void> {
    let next = cursor;
    while (wanted.size > ONE_BY_ONE && next !== null && isCurrent()) {
      next = await this.#list(next, PAGE, (id) => wanted.delete(id));
    }
    const pool = new Pool(PARALLEL);
    const { conversations, refresher } = this.#deps;
    const ask = async (conversation: Conversation) => {
      if (isCurrent()) await refresher.now(conversation).catch(() => undefined);
    };
    await Promise.all(
      [...wanted].map((id) => pool.run(() => ask(conversations.of(id)), 'background')),
    );
  }

  /** Takes a page of the list; answers where the next begins. */
  async #list(
    cursor: string | undefined,
    limit: number,
    taken: (id: string) => void = () => undefined,
  ): Promise<string | null> {
    const { requests, conversations } = this.#deps;
    const input = cursor === undefined ? { limit } : { cursor, limit };
    const page = await requests.call('conversation:list', input);
    for (const item of page.conversations) {
      conversations.of(item.id).takeItem(item);
      this.added(item.id);
      taken(item.id);
    }
    return page.nextCursor;
  }

  /** Holds the newest page of the conversations ready that are likely to be opened. */
  async #prefetch(isCurrent: () => boolean): Promise<void> {
    const { conversations, isOpen } = this.#deps;
    const rows = conversations.list.get().conversations.slice(0, PREFETCHED);
    for (const { id } of rows) {
      const { timeline } = conversations.of(id);
      if (!isCurrent() || !isOpen()) return;
      if (!timeline.isWanted) await timeline.want();
    }
  }
}
