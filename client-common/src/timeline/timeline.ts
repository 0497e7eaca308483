import { AppError, LIMITS } from '@parley/common';
import type { Entry } from '@parley/common/contract';

import type { TimelineSnapshot } from '../api/timeline.ts';
import { keepSame, Signal } from '../store/signal.ts';
import type { Replies, ReplyTarget } from './replies.ts';
import type { Rows } from './rows.ts';
import { Window } from './window.ts';

/** Entries of a page that is shown first or on scrolling. */
const PAGE = LIMITS.pageDefault;
/** A gap of at most this many entries is filled in place; beyond a larger one the window is left behind. */
const INLINE_GAP = LIMITS.pageMax;
/** Entries beyond the limit that gather before some are dropped. */
const SLACK = 200;
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

export interface TimelineDeps {
  readonly position: () => Position;
  readonly rows: Rows;
  readonly replies: Replies;
  /** Largest number of entries in memory. */
  readonly limit: number;
  /** Loads a page and hands it to `receivePage` of the conversation. Rejects with an `AppError`. */
  readonly load: (page: PageRequest) => Promise<readonly Entry[]>;
  readonly cached: () => Promise<readonly Entry[]>;
  /** Has what is missing pulled, see `need`. */
  readonly catchUp: () => void;
  readonly unwatched: () => void;
}

/** What a conversation shows: a window on its log, and the messages on their way. */
export class Timeline {
  readonly snapshot: Signal<TimelineSnapshot>;
  readonly #deps: TimelineDeps;
  readonly #rows: Rows;
  readonly #deleted = new Set<number>();
  #window: Window | null = null;
  /** Whether the window follows the newest entry. */
  #attached = true;
  /** Whether nothing of the window was confirmed by the server yet. */
  #fromCache = false;
  #wanted = false;
  #older: Promise<void> | null = null;
  #newer: Promise<void> | null = null;
  #begin = 0;
  #error: TimelineSnapshot['error'] = null;
  #view: readonly [first: number, last: number] | null = null;

  constructor(deps: TimelineDeps) {
    this.#deps = deps;
    this.#rows = deps.rows;
    this.snapshot = new Signal((previous) => this.#compute(previous), {
      watched: () => {
        void this.want();
      },
      unwatched: () => {
        this.#wanted = false;
        deps.unwatched();
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
    if (this.#window === null) this.#takeCached(await this.#deps.cached());
    this.#deps.catchUp();
  }

  /** The next page that the window lacks towards the newest entry. */
  need(): PageRequest | null {
    if (!this.#wanted) return null;
    if (this.#window === null) return { limit: PAGE };
    const { lastSeq } = this.#deps.position();
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
    this.#older ??= this.#guard(async () => {
      const before = window.first;
      const entries = await this.#deps.load({ before, limit: PAGE });
      if (window !== this.#window) return;
      if (entries.length === 0) this.#begin = before;
      window.prepend(entries);
      if (window.size > this.#deps.limit) this.#dropNewest(window, this.#deps.limit);
    }).finally(() => {
      this.#older = null;
      this.snapshot.invalidate();
    });
    this.snapshot.invalidate();
    return this.#older;
  }

  loadNewer(): Promise<void> {
    const window = this.#window;
    if (window === null || this.#attached) return Promise.resolve();
    this.#newer ??= this.#guard(async () => {
      const entries = await this.#deps.load({ after: window.last, limit: PAGE });
      if (window !== this.#window) return;
      window.extend(entries);
      window.dropOldest(this.#deps.limit);
      this.#attach(window);
    }).finally(() => {
      this.#newer = null;
      this.snapshot.invalidate();
    });
    this.snapshot.invalidate();
    return this.#newer;
  }

  async jumpToNewest(): Promise<void> {
    if (this.#window !== null && this.#attached) return;
    await this.#guard(() => this.#deps.load({ limit: PAGE }));
    this.#deps.catchUp();
  }

  async jumpTo(seq: number): Promise<void> {
    const { joinedSeq, lastSeq } = this.#deps.position();
    if (seq < joinedSeq || seq > lastSeq) throw new AppError('not_found');
    if (this.#window?.at(seq)) return;
    await this.#guard(async () => {
      const before = Math.min(seq + PAGE / 2, lastSeq) + 1;
      this.#replace(await this.#deps.load({ before, limit: PAGE }));
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
    const { joinedSeq } = this.#deps.position();
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
    if (window.size <= this.#deps.limit + SLACK) return;
    const [first, last] = this.#view ?? [window.last, window.last];
    if (first - window.first >= window.last - last) window.dropOldest(this.#deps.limit);
    else this.#dropNewest(window, this.#deps.limit);
  }

  #dropNewest(window: Window, size: number): void {
    window.dropNewest(size);
    this.#attach(window);
  }

  #attach(window: Window): void {
    this.#attached = window.last >= this.#deps.position().lastSeq;
    if (this.#attached) this.#fromCache = false;
  }

  #foldDeletions(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'deletion') continue;
      this.#deleted.add(entry.messageSeq);
      this.#window?.delete(entry.messageSeq);
      this.#deps.replies.deleted(entry.messageSeq);
    }
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= DELETIONS) break;
      this.#deleted.delete(oldest);
    }
  }

  #hasOlder(window: Window): boolean {
    return window.first > Math.max(1, this.#deps.position().joinedSeq, this.#begin);
  }

  #compute(previous: TimelineSnapshot | undefined): TimelineSnapshot {
    const window = this.#window;
    return keepSame(previous, {
      status: this.#status(window),
      items: this.#rows.of(window, this.#attached ? 'to the end' : 'detached'),
      hasOlder: window !== null && this.#hasOlder(window),
      hasNewer: window !== null && !this.#attached,
      loadingOlder: this.#older !== null,
      loadingNewer: this.#newer !== null,
      firstSeq: window === null || window.size === 0 ? 0 : window.first,
      lastSeq: window?.last ?? 0,
      newestSeq: this.#deps.position().lastSeq,
      error: this.#error,
    });
  }

  #status(window: Window | null): TimelineSnapshot['status'] {
    if (window !== null) return 'ready';
    if (this.#error !== null) return 'failed';
    return this.#wanted ? 'loading' : 'idle';
  }
}
