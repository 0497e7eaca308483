import type { Entry } from '@parley/common/contract';

import { LIMITS } from '@parley/common';
import { Window } from './window.ts';

/** Entries of a page that is shown first or on scrolling. */
export const PAGE = LIMITS.pageDefault;
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

/**
 * What of a conversation is in memory, and how it relates to the newest entry: attached, it follows
 * it; detached, it stands somewhere in the past.
 */
export class Shown {
  readonly #owner: { readonly position: Position };
  /** Largest number of entries. */
  readonly #limit: number;
  readonly #deleted = new Set<number>();
  #window: Window | null = null;
  #isAttached = true;
  /** Whether the server has confirmed nothing of it yet. */
  #isFromCache = false;
  /** Nothing is before this `seq`, as the server said. */
  #begin = 0;
  #view: readonly [first: number, last: number] | null = null;

  constructor(owner: { readonly position: Position }, limit: number) {
    this.#owner = owner;
    this.#limit = limit;
  }

  get window(): Window | null {
    return this.#window;
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  get hasOlder(): boolean {
    const begin = Math.max(1, this.#owner.position.joinedSeq, this.#begin);
    return this.#window !== null && this.#window.first > begin;
  }

  /** The next page that is lacking towards the newest entry. Who is watched far behind is detached instead. */
  need(watched: 'watched' | 'unwatched'): PageRequest | null {
    if (this.#window === null) return { limit: PAGE };
    const after = this.#window.last;
    const missing = this.#owner.position.lastSeq - after;
    if (!this.#isAttached || missing <= 0) return null;
    if (missing <= INLINE_GAP) return { after, limit: missing };
    if (watched === 'unwatched' || this.#isFromCache) return { limit: PAGE };
    this.#isAttached = false;
    return null;
  }

  /** Takes a page that was asked for, whoever asked. */
  takePage({ before, after }: PageRequest, entries: readonly Entry[]): void {
    this.#foldDeletions(entries);
    const last = this.#window?.last ?? -1;
    const adjoins = this.#isAttached && (entries[0]?.seq ?? Infinity) <= last + 1;
    if (after === undefined && before === undefined) {
      if (this.#isAttached && (entries.at(-1)?.seq ?? 0) <= last) return;
      if (!adjoins) this.replace(entries);
      this.#isAttached = true;
      this.#extend(entries);
    } else if (after !== undefined && adjoins) {
      this.#extend(entries);
    }
  }

  /** Takes an entry that came by itself. */
  takeLive(entry: Entry): void {
    this.#foldDeletions([entry]);
    if (this.#isAttached) this.#extend([entry]);
  }

  takeCached(entries: readonly Entry[]): void {
    if (this.#window !== null || entries.length === 0) return;
    this.replace(entries);
    // The list may have been kept later than the page: the gap is filled as any other.
    this.#isAttached = true;
    this.#isFromCache = true;
  }

  /** Takes the page before the window. */
  prepend(entries: readonly Entry[]): void {
    if (this.#window === null) return;
    if (entries.length === 0) this.#begin = this.#window.first;
    this.#window.prepend(entries);
    if (this.#window.size > this.#limit) this.#dropNewest(this.#window);
  }

  /** Takes the page after a detached window. */
  append(entries: readonly Entry[]): void {
    if (this.#window === null) return;
    this.#window.extend(entries);
    this.#window.dropOldest(this.#limit);
    this.#attach(this.#window);
  }

  /** Takes entries in the place of what was shown. */
  replace(entries: readonly Entry[]): void {
    const first = entries[0]?.seq ?? Math.max(1, this.#owner.position.joinedSeq);
    this.#window = new Window(first - 1, this.#deleted);
    this.#window.extend(entries);
    this.#begin = 0;
    this.#view = null;
    this.#attach(this.#window);
  }

  setView(firstSeq: number, lastSeq: number): void {
    this.#view = [firstSeq, lastSeq];
  }

  /** Nobody looks any more: keeps what the next look begins with. */
  rest(): void {
    this.#view = null;
    if (this.#isAttached) this.#window?.dropOldest(AT_REST);
    else this.reset();
  }

  reset(): void {
    this.#window = null;
    this.#isAttached = true;
  }

  #extend(entries: readonly Entry[]): void {
    const window = this.#window;
    if (window === null) return;
    window.extend(entries);
    this.#isFromCache = false;
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
    this.#isAttached = window.last >= this.#owner.position.lastSeq;
  }

  #foldDeletions(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'deletion') continue;
      this.#deleted.add(entry.messageSeq);
      this.#window?.delete(entry.messageSeq);
    }
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= DELETIONS) break;
      this.#deleted.delete(oldest);
    }
  }
}
