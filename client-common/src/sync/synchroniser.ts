import type { ConversationItem, EventPayload, Head } from '@parley/common/contract';

import type { Context } from '../context.ts';
import type { Cancel } from '../runtime.ts';

/** Rows of the first page of the list, and of the further ones. */
const FIRST_PAGE = 50;
const PAGE = 200;
/** Up to this many conversations are asked for one by one; beyond it the list is paged through. */
const ONE_BY_ONE = 10;
/** Milliseconds after which a comparison that failed is made again, at least. */
const AGAIN = 2_000;
/** Conversations whose newest page is held ready. */
const PREFETCHED = 15;

export type SynchroniserContext = Pick<
  Context,
  'runtime' | 'requests' | 'connection' | 'conversations' | 'refresher' | 'catchUp'
>;

/**
 * Compares what this device has with the server's heads, once for each connection and whenever the
 * server asks for it. It needs no clock and no token, so it cannot miss anything.
 */
export class Synchroniser {
  readonly #context: SynchroniserContext;
  #run = 0;
  #resync: Cancel | null = null;
  /** Conversations that came while a comparison was under way: its heads may not have them. */
  readonly #fresh = new Set<string>();

  constructor(context: SynchroniserContext) {
    this.#context = context;
  }

  /** Compares now. A comparison that is under way is left to end without effect. */
  async compare(): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    this.#fresh.clear();
    this.#resync?.();
    this.#resync = null;
    const { runtime, connection } = this.#context;
    try {
      await this.#compare(() => run === this.#run);
    } catch {
      if (run === this.#run && connection.isOnline) this.#later(AGAIN + runtime.random(AGAIN));
    }
  }

  /** The server asks for a comparison, spread over some time. */
  resync({ withinMs }: EventPayload<'resync'>): void {
    if (this.#resync === null) this.#later(this.#context.runtime.random(withinMs));
  }

  /** Takes a conversation that was added or asked for, whatever the heads say that are on their way. */
  take(item: ConversationItem): void {
    this.#fresh.add(item.id);
    this.#context.conversations.of(item.id).takeItem(item);
  }

  #later(ms: number): void {
    this.#resync?.();
    this.#resync = this.#context.runtime.delay(ms, () => {
      this.#resync = null;
      void this.compare();
    });
  }

  async #compare(isCurrent: () => boolean): Promise<void> {
    const { conversations, connection, catchUp } = this.#context;
    const [heads, cursor] = await Promise.all([this.#heads(), this.#list(undefined, FIRST_PAGE)]);
    if (!isCurrent()) return;
    conversations.setReady();
    const wanted = this.#takeHeads(heads);
    await this.#fetch(wanted, cursor, isCurrent);
    if (!isCurrent()) return;
    const shown = conversations.all.filter(({ timeline }) => timeline.isWanted);
    await Promise.all(shown.map((each) => catchUp.run(each)));
    if (!isCurrent()) return;
    connection.setSynced();
    await this.#prefetch(isCurrent);
  }

  /** All own conversations by id, page by page. */
  async #heads(): Promise<readonly Head[]> {
    const all: Head[] = [];
    for (;;) {
      const after = all.at(-1)?.conversationId;
      const page = await this.#context.requests.call('sync', after === undefined ? {} : { after });
      all.push(...page.heads);
      if (!page.hasMore || page.heads.length === 0) return all;
    }
  }

  /** Answers which conversations have to be asked for, and forgets those that are gone. */
  #takeHeads(heads: readonly Head[]): Set<string> {
    const { conversations } = this.#context;
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
    const { conversations, refresher } = this.#context;
    const ask = (id: string) => refresher.now(conversations.of(id)).catch(() => undefined);
    await Promise.all([...wanted].map(ask));
  }

  /** Takes a page of the list; answers where the next begins. */
  async #list(
    cursor: string | undefined,
    limit: number,
    taken: (id: string) => void = () => undefined,
  ): Promise<string | null> {
    const { requests } = this.#context;
    const input = cursor === undefined ? { limit } : { cursor, limit };
    const page = await requests.call('conversation:list', input);
    for (const item of page.conversations) {
      this.take(item);
      taken(item.id);
    }
    return page.nextCursor;
  }

  /** Holds the newest page of the conversations ready that are likely to be opened. */
  async #prefetch(isCurrent: () => boolean): Promise<void> {
    const { conversations } = this.#context;
    const rows = conversations.list.get().conversations.slice(0, PREFETCHED);
    for (const { id } of rows) {
      const { timeline } = conversations.of(id);
      if (!isCurrent()) return;
      if (!timeline.isWanted) await timeline.want();
    }
  }
}
