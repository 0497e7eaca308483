import type { AppError } from '@parley/common';
import type { ConversationItem, Head, OperationOutput } from '@parley/common/contract';

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
/** The revision of the contract from which on a server can answer what has changed since a comparison. */
const TELLS_CHANGES = 13;

/** All heads, or those that have changed. */
type Heads = Pick<OperationOutput<'sync'>, 'changes' | 'heads' | 'syncToken'>;

/** A conversation that is compared with the server's head. */
export interface ComparedConversation extends IncompleteConversation {
  readonly timeline: IncompleteConversation['timeline'] & {
    readonly isActive: boolean;
    activate(): Promise<void>;
  };
  /** Returns whether the conversation must be asked for. */
  applyHead(head: Head): boolean;
  /** Fetches and sends what was missing when the conversation was last compared. */
  resumeSync(): void;
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
  readonly marks: Pick<MarkSender, 'resume'>;
}

/**
 * Compares what this device has with the server's heads: once for each connection, and when the server
 * asks for it. After the first time, a server that can tell sends only the heads that have changed since the last
 * comparison that was carried out to its end.
 */
export class HeadSync {
  readonly #deps: HeadSyncDeps;
  #run = 0;
  /** Of the last comparison that was carried out to its end. */
  #token: string | null | undefined;
  #timer: Cancel | null = null;
  /** Conversations that this user left during a comparison in progress: the list may have been read before that. */
  #left: Set<string> | null = null;

  constructor(deps: HeadSyncDeps) {
    this.#deps = deps;
    const { server } = deps.connection;
    server.on('ready', ({ contract }) => {
      // An earlier server refuses it.
      if (contract.revision < TELLS_CHANGES) this.#token = null;
      void this.#start();
    });
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
    // Nobody sees this error.
    const check = () => {
      if (run !== this.#run) throw new Error();
    };
    try {
      await this.#compare(check);
    } catch (thrown) {
      if (run !== this.#run) return;
      if ((thrown as AppError).code === 'invalid_input') this.#token = null;
      if (connection.isOnline) this.#retry();
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
    const [compared, cursor] = await Promise.all([
      this.#heads(),
      this.#list(undefined, FIRST_PAGE),
    ]);
    check();
    conversations.setReady();
    const changed = this.#applyHeads(compared.heads);
    this.#applyAbsence(before, compared);
    const areAllKnown = await this.#fetch(changed, { cursor, left }, check);
    check();
    if (areAllKnown) {
      const { changes, syncToken } = compared;
      // If this device and the server do not mean the same conversations, all of them are compared.
      const isSame = !changes || changes.total === this.#known;
      this.#token = isSame ? syncToken : null;
      if (!isSame) return this.#compare(check);
    }
    this.#left = null;
    const shown = conversations.all.filter(({ timeline }) => timeline.isActive);
    await Promise.all(shown.map((each) => catchUp.run(each)));
    check();
    connection.setSynced();
    marks.resume();
    await this.#prefetch(check);
  }

  /** The number of conversations that are known here. */
  get #known(): number {
    return this.#deps.conversations.all.filter(({ state }) => state).length;
  }

  /** The heads that have changed, or those of all own conversations, page by page. */
  async #heads(): Promise<Heads> {
    const { requests } = this.#deps;
    const since = (this.#known && this.#token) || undefined;
    const first = await requests.call('sync', { since }, ASKED);
    const heads = [...first.heads];
    for (let page = first; page.hasMore && page.heads.length > 0;) {
      page = await requests.call('sync', { after: heads.at(-1)?.conversationId }, ASKED);
      heads.push(...page.heads);
    }
    return { ...first, heads };
  }

  /** Of the conversations without a head, the user has left some, and in the others nothing has changed. */
  #applyAbsence(
    before: ReadonlyMap<ComparedConversation, ComparedConversation['state']>,
    { changes, heads }: Heads,
  ): void {
    const present = new Set(heads.map(({ conversationId }) => conversationId));
    for (const [conversation, state] of before) {
      if (present.has(conversation.id)) continue;
      if (changes?.left.includes(conversation.id) === false) conversation.resumeSync();
      // One that was joined during the comparison has another state.
      else if (state && conversation.state === state) conversation.remove();
    }
  }

  /** Returns the ids of the conversations that have to be asked for. */
  #applyHeads(heads: readonly Head[]): Set<string> {
    const { conversations } = this.#deps;
    const changed = heads.filter((head) => conversations.of(head.conversationId).applyHead(head));
    return new Set(changed.map(({ conversationId }) => conversationId));
  }

  /** Asks for conversations: through the list if there are many, otherwise for each. Returns whether all are known. */
  async #fetch(
    wanted: Set<string>,
    { cursor, left }: { readonly cursor: string | null; readonly left: ReadonlySet<string> },
    check: () => void,
  ): Promise<boolean> {
    let next = cursor;
    let areAllKnown = true;
    while (wanted.size > ONE_BY_ONE && next) {
      check();
      next = await this.#list(next, PAGE, (id) => wanted.delete(id));
    }
    const { conversations, refresher } = this.#deps;
    const ask = (id: string) =>
      refresher.now(conversations.of(id)).catch((thrown: unknown) => {
        if ((thrown as AppError).code === 'not_found') return;
        areAllKnown = false;
        this.#retry();
      });
    await Promise.all([...wanted, ...left].map(ask));
    return areAllKnown;
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
