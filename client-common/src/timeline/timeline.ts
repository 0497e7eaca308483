import { AppError, LIMITS } from '@parley/common';
import type { Entry } from '@parley/common/contract';

import type { TimelineSnapshot } from '../api/timeline.ts';
import type { Context } from '../context.ts';
import { keepSame, Signal } from '../store/signal.ts';
import { Replies, type RepliesOwner, type ReplyTarget } from './replies.ts';
import { Rows, type RowsOwner } from './rows.ts';
import { Window } from './window.ts';

/** Entries of a page that is shown first or on scrolling. */
const PAGE = LIMITS.pageDefault;
/** A gap of at most this many entries is filled in place; beyond a larger one the window is left behind. */
const INLINE_GAP = LIMITS.pageMax;
/** Entries beyond the limit that gather before some are dropped. */
const SLACK = 200;
/** Entries in memory where the app does not say. */
const WINDOW_ENTRIES = 2_000;
/** Milliseconds that a timeline stays whole after its last listener went. */
const REST_AFTER = 10_000;
/** Entries that a timeline nobody looks at keeps. */
const AT_REST = 100;
/** Deletions remembered for messages that are not in memory yet. */
const DELETIONS = 1_000;

/** A page of the log: `before` or `after` a `seq`, or the newest. */
export interface PageRequest {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}

/** Where a conversation stands. */
export interface Position {
  readonly lastSeq: number;
  readonly joinedSeq: number;
}

export type TimelineContext = Pick<
  Context,
  'options' | 'runtime' | 'requests' | 'cache' | 'selfId'
>;

/** The conversation that a timeline shows. */
export interface TimelineOwner extends RowsOwner, RepliesOwner {
  takePage(page: PageRequest, entries: readonly Entry[]): void;
  /** Has what is missing pulled, see `need`. */
  catchUp(): void;
}

/** What a conversation shows: a window on its log, and the messages on their way. */
export class Timeline {
  readonly snapshot: Signal<TimelineSnapshot>;
  readonly #context: TimelineContext;
  readonly #owner: TimelineOwner;
  readonly #replies: Replies;
  readonly #rows: Rows;
  /** Largest number of entries in memory. */
  readonly #limit: number;
  readonly #deleted = new Set<number>();
  #window: Window | null = null;
  /** Whether the window follows the newest entry. */
  #attached = true;
  /** Whether nothing of the window was confirmed by the server yet. */
  #fromCache = false;
  #wanted = false;
  readonly #loading: Record<'older' | 'newer', Promise<void> | undefined> = {
    older: undefined,
    newer: undefined,
  };
  #begin = 0;
  #error: TimelineSnapshot['error'] = null;
  #view: readonly [first: number, last: number] | null = null;

  constructor(context: TimelineContext, owner: TimelineOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#limit = context.options.windowEntries ?? WINDOW_ENTRIES;
    this.#replies = new Replies(context, owner);
    this.#rows = new Rows(context, owner, this.#replies);
    this.snapshot = new Signal((previous) => this.#compute(previous), {
      watched: () => {
        void this.want();
      },
      unwatched: () => {
        this.#wanted = false;
        context.runtime.delay(REST_AFTER, () => {
          this.rest();
        });
      },
    });
  }

  /** The run in memory while it follows the newest entry. */
  get newestEntries(): readonly Entry[] {
    return this.#attached ? (this.#window?.entries ?? []) : [];
  }

  /** Newest `seq` in memory. */
  get lastSeq(): number {
    return this.#window?.last ?? 0;
  }

  /** The message with this id, if it is in memory. */
  find(messageId: string): ReplyTarget | null {
    const entry = this.#window?.entries.find((each) => each.id === messageId);
    return entry === undefined ? null : { messageId, seq: entry.seq };
  }

  get isWanted(): boolean {
    return this.#wanted;
  }

  /** Has the newest page in memory from now on: first from the cache, then from the server. */
  async want(): Promise<void> {
    this.#wanted = true;
    this.#error = null;
    this.snapshot.invalidate();
    if (this.#window === null) this.#takeCached(await this.#context.cache.entries(this.#owner.id));
    this.#owner.catchUp();
  }

  /** The next page that the window lacks towards the newest entry. */
  need(): PageRequest | null {
    if (!this.#wanted) return null;
    if (this.#window === null) return { limit: PAGE };
    const { lastSeq } = this.#owner.position;
    const missing = lastSeq - this.#window.last;
    if (!this.#attached || missing <= 0) return null;
    if (missing <= INLINE_GAP) return { after: this.#window.last, limit: missing };
    if (this.snapshot.isWatched && !this.#fromCache) {
      this.#attached = false;
      this.snapshot.invalidate();
      return null;
    }
    return { limit: PAGE };
  }

  /** Takes a page that was asked for, whoever asked. */
  takePage(page: PageRequest, entries: readonly Entry[]): void {
    this.#foldDeletions(entries);
    if (page.after === undefined && page.before === undefined) this.#takeNewest(entries);
    else if (page.after !== undefined && this.#attached && this.#adjoins(entries)) {
      this.#extend(entries);
    }
    this.snapshot.invalidate();
  }

  /** Takes an entry that came by itself. */
  takeLive(entry: Entry): void {
    this.#foldDeletions([entry]);
    if (this.#attached) this.#extend([entry]);
    this.snapshot.invalidate();
  }

  failed(error: AppError): void {
    this.#error = error.code;
    this.snapshot.invalidate();
  }

  loadOlder(): Promise<void> {
    const window = this.#window;
    if (window === null || !this.#hasOlder(window)) return Promise.resolve();
    return this.#once('older', async () => {
      const before = window.first;
      const entries = await this.#load({ before, limit: PAGE });
      if (window !== this.#window) return;
      if (entries.length === 0) this.#begin = before;
      window.prepend(entries);
      if (window.size > this.#limit) this.#dropNewest(window);
    });
  }

  loadNewer(): Promise<void> {
    const window = this.#window;
    if (window === null || this.#attached) return Promise.resolve();
    return this.#once('newer', async () => {
      const entries = await this.#load({ after: window.last, limit: PAGE });
      if (window !== this.#window) return;
      window.extend(entries);
      window.dropOldest(this.#limit);
      this.#attach(window);
    });
  }

  async jumpToNewest(): Promise<void> {
    if (this.#window !== null && this.#attached) return;
    await this.#guard(() => this.#load({ limit: PAGE }));
    this.#owner.catchUp();
  }

  async jumpTo(seq: number): Promise<void> {
    const { joinedSeq, lastSeq } = this.#owner.position;
    if (seq < joinedSeq || seq > lastSeq) throw new AppError('not_found');
    if (this.#window?.at(seq)) return;
    await this.#guard(async () => {
      const before = Math.min(seq + PAGE / 2, lastSeq) + 1;
      this.#replace(await this.#load({ before, limit: PAGE }));
      if (this.#window) this.#attach(this.#window);
    });
  }

  setView(firstSeq: number, lastSeq: number): void {
    this.#view = [firstSeq, lastSeq];
  }

  /** Nobody looks any more: keeps what the next look begins with. */
  rest(): void {
    if (this.#wanted) return;
    this.#view = null;
    if (this.#attached) this.#window?.dropOldest(AT_REST);
    else this.reset();
    this.snapshot.invalidate();
  }

  /** Forgets what is in memory. */
  reset(): void {
    this.#window = null;
    this.#attached = true;
    this.#begin = 0;
    this.snapshot.invalidate();
  }

  async #load(page: PageRequest): Promise<readonly Entry[]> {
    const input = { conversationId: this.#owner.id, ...page };
    const { entries } = await this.#context.requests.call('conversation:entries', input);
    this.#owner.takePage(page, entries);
    return entries;
  }

  /** Runs a load in one direction, or waits for the one that runs. */
  #once(direction: 'older' | 'newer', task: () => Promise<void>): Promise<void> {
    const run = (this.#loading[direction] ??= this.#guard(task).finally(() => {
      this.#loading[direction] = undefined;
      this.snapshot.invalidate();
    }));
    this.snapshot.invalidate();
    return run;
  }

  /** Runs a load and keeps its failure for the snapshot. */
  async #guard(task: () => Promise<unknown>): Promise<void> {
    this.#error = null;
    try {
      await task();
    } catch (thrown) {
      this.failed(thrown as AppError);
      throw thrown;
    } finally {
      this.snapshot.invalidate();
    }
  }

  #takeCached(entries: readonly Entry[]): void {
    if (this.#window !== null || entries.length === 0) return;
    this.#replace(entries);
    this.#fromCache = true;
    this.snapshot.invalidate();
  }

  #takeNewest(entries: readonly Entry[]): void {
    const last = entries.at(-1)?.seq ?? 0;
    if (this.#window !== null && this.#attached && last <= this.#window.last) return;
    if (this.#window !== null && this.#attached && this.#adjoins(entries)) this.#extend(entries);
    else this.#replace(entries);
    this.#attached = true;
    this.#fromCache = false;
  }

  #adjoins(entries: readonly Entry[]): boolean {
    return (entries[0]?.seq ?? Infinity) <= this.lastSeq + 1;
  }

  #replace(entries: readonly Entry[]): void {
    const { joinedSeq } = this.#owner.position;
    this.#window = new Window((entries[0]?.seq ?? Math.max(1, joinedSeq)) - 1, this.#deleted);
    this.#window.extend(entries);
    this.#begin = 0;
    this.#view = null;
  }

  #extend(entries: readonly Entry[]): void {
    const window = this.#window;
    if (window === null) return;
    window.extend(entries);
    this.#fromCache = false;
    if (window.size <= this.#limit + SLACK) return;
    const [first, last] = this.#view ?? [window.last, window.last];
    if (first - window.first >= window.last - last) window.dropOldest(this.#limit);
    else this.#dropNewest(window);
  }

  #dropNewest(window: Window): void {
    window.dropNewest(this.#limit);
    this.#attach(window);
  }

  #attach(window: Window): void {
    this.#attached = window.last >= this.#owner.position.lastSeq;
    if (this.#attached) this.#fromCache = false;
  }

  #foldDeletions(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'deletion') continue;
      this.#deleted.add(entry.messageSeq);
      this.#window?.delete(entry.messageSeq);
      this.#replies.deleted(entry.messageSeq);
    }
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= DELETIONS) break;
      this.#deleted.delete(oldest);
    }
  }

  #hasOlder(window: Window): boolean {
    return window.first > Math.max(1, this.#owner.position.joinedSeq, this.#begin);
  }

  #compute(previous: TimelineSnapshot | undefined): TimelineSnapshot {
    const window = this.#window;
    return keepSame(previous, {
      status: this.#status(window),
      items: this.#rows.of(window, this.#attached ? 'to the end' : 'detached'),
      hasOlder: window !== null && this.#hasOlder(window),
      hasNewer: window !== null && !this.#attached,
      loadingOlder: this.#loading.older !== undefined,
      loadingNewer: this.#loading.newer !== undefined,
      firstSeq: window === null || window.size === 0 ? 0 : window.first,
      lastSeq: window?.last ?? 0,
      newestSeq: this.#owner.position.lastSeq,
      error: this.#error,
    });
  }

  #status(window: Window | null): TimelineSnapshot['status'] {
    if (window !== null) return 'ready';
    if (this.#error !== null) return 'failed';
    return this.#wanted ? 'loading' : 'idle';
  }
}
