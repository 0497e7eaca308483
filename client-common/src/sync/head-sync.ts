import type { AppError } from '@parley/common';
import type { ConversationItem, Head } from '@parley/common/contract';

import type { Connection } from '../core/connection.ts';
import type { Requests } from '../core/requests.ts';
import type { MarkSender } from '../receipts/mark-sender.ts';
import type { Cancel, Runtime } from '../core/runtime.ts';
import type { CatchUp, IncompleteConversation } from './catch-up.ts';
import type { Refresher } from './refresher.ts';

/** Rows of the first page of the list, and of the following ones. */
const FIRST_PAGE = 50;
const PAGE = 200;
/** Up to this many conversations are asked for one by one; for more the list is read page by page. */
const ONE_BY_ONE = 10;
/** Milliseconds after which a failed comparison is repeated, at least. */
const RETRY_AFTER = 2_000;
/** A comparison ends with its connection; the next one begins another. */
const ASKED = { isPerConnection: true };
/** Conversations whose newest page is loaded in advance. */
const PREFETCHED = 15;

/** A conversation that is compared with the server's head. */
export interface ComparedConversation extends IncompleteConversation {
  readonly timeline: IncompleteConversation['timeline'] & {
    readonly isActive: boolean;
    activate(): Promise<void>;
  };
  /** Returns whether the conversation must be asked for. */
  applyHead(head: Head): boolean;
}

/** All conversations of this device. */
export interface ComparedConversations {
  readonly all: readonly ComparedConversation[];
  of(id: string): ComparedConversation;
  /** The ids of the first `count` of the list. */
  first(count: number): readonly string[];
  setReady(): void;
  add(item: ConversationItem): void;
}

export interface HeadSyncDeps {
  readonly runtime: Pick<Runtime, 'delay' | 'random'>;
  readonly connection: Pick<Connection, 'isOnline' | 'server' | 'setSynced'>;
  readonly requests: Pick<Requests, 'call'>;
  readonly conversations: ComparedConversations;
  readonly refresher: Pick<Refresher, 'now'>;
  readonly catchUp: Pick<CatchUp, 'run'>;
  readonly marks: Pick<MarkSender, 'compared'>;
}

/**
 * Compares what this device has with the server's heads: once for each connection, and when the server
 * asks for it. It depends on no clock and no token, so it misses nothing.
 */
export class HeadSync {
  readonly #deps: HeadSyncDeps;
  #run = 0;
  #timer: Cancel | null = null;
  /** Conversations that this user left during a comparison in progress: the list may have been read before that. */
  #left: Set<string> | null = null;

  constructor(deps: HeadSyncDeps) {
    this.#deps = deps;
    const { server } = deps.connection;
    server.on('ready', () => void this.#start());
    server.on('conversation', (event) => {
      if (event.action === 'removed') this.#left?.add(event.conversationId);
    });
    server.on('resync', ({ withinMs }) => {
      if (!this.#timer) this.#later(deps.runtime.random(withinMs));
    });
  }

  /** Compares now. A comparison in progress ends without effect. */
  async #start(): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    this.#timer?.();
    this.#timer = null;
    const { connection } = this.#deps;
    const check = () => {
      if (run !== this.#run) throw new Error('Superseded');
    };
    try {
      await this.#compare(check);
    } catch {
      if (run === this.#run && connection.isOnline) this.#retry();
    }
  }

  #retry(): void {
    this.#later(RETRY_AFTER + this.#deps.runtime.random(RETRY_AFTER));
  }

  #later(ms: number): void {
    this.#timer?.();
    this.#timer = this.#deps.runtime.delay(ms, () => void this.#start());
  }

  async #compare(check: () => void): Promise<void> {
    const { conversations, connection, catchUp, marks } = this.#deps;
    const left = new Set<string>();
    this.#left = left;
    const before = new Map(conversations.all.map((each) => [each, each.state]));
    const [heads, cursor] = await Promise.all([this.#heads(), this.#list(undefined, FIRST_PAGE)]);
    check();
    conversations.setReady();
    const changed = this.#applyHeads(heads);
    marks.compared();
    const present = new Set(heads.map(({ conversationId }) => conversationId));
    for (const [conversation, state] of before) {
      // One that was joined during the comparison has another state.
      const isUnchanged = state !== null && conversation.state === state;
      if (isUnchanged && !present.has(conversation.id)) conversation.remove();
    }
    await this.#fetch(changed, { cursor, left }, check);
    check();
    this.#left = null;
    const shown = conversations.all.filter(({ timeline }) => timeline.isActive);
    await Promise.all(shown.map((each) => catchUp.run(each)));
    check();
    connection.setSynced();
    await this.#prefetch(check);
  }

  /** The heads of all own conversations, page by page. */
  async #heads(): Promise<readonly Head[]> {
    const all: Head[] = [];
    for (;;) {
      const after = all.at(-1)?.conversationId;
      const page = await this.#deps.requests.call('sync', { after }, ASKED);
      all.push(...page.heads);
      if (!page.hasMore || page.heads.length === 0) return all;
    }
  }

  /** Returns the ids of the conversations that have to be asked for. */
  #applyHeads(heads: readonly Head[]): Set<string> {
    const { conversations } = this.#deps;
    const changed = heads.filter((head) => conversations.of(head.conversationId).applyHead(head));
    return new Set(changed.map(({ conversationId }) => conversationId));
  }

  /** Asks for conversations: through the list if there are many, otherwise for each. */
  async #fetch(
    wanted: Set<string>,
    { cursor, left }: { readonly cursor: string | null; readonly left: ReadonlySet<string> },
    check: () => void,
  ): Promise<void> {
    let next = cursor;
    while (wanted.size > ONE_BY_ONE && next) {
      check();
      next = await this.#list(next, PAGE, (id) => wanted.delete(id));
    }
    const { conversations, refresher } = this.#deps;
    const ask = (id: string) =>
      refresher.now(conversations.of(id)).catch((thrown: unknown) => {
        if ((thrown as AppError).code !== 'not_found') this.#retry();
      });
    await Promise.all([...wanted, ...left].map(ask));
  }

  /** Reads a page of the list; returns the cursor of the next. */
  async #list(
    cursor: string | undefined,
    limit: number,
    added: (id: string) => void = () => undefined,
  ): Promise<string | null> {
    const { requests, conversations } = this.#deps;
    const page = await requests.call('conversation:list', { cursor, limit }, ASKED);
    for (const item of page.conversations) {
      conversations.add(item);
      added(item.id);
    }
    return page.nextCursor;
  }

  /** Loads the newest page of the conversations that are likely to be opened. */
  async #prefetch(check: () => void): Promise<void> {
    const { conversations } = this.#deps;
    for (const id of conversations.first(PREFETCHED)) {
      const { timeline } = conversations.of(id);
      check();
      if (!timeline.isActive) await timeline.activate();
    }
  }
}
