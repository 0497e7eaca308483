import { CLIENT_LIMITS } from '@parley/common';
import type { Entry } from '@parley/common/contract';

import { EntryRange } from './entry-range.ts';

/** Entries of the first page, and of the pages that scrolling loads. */
export const PAGE = CLIENT_LIMITS.pageDefault;
/** A gap of at most this many entries is filled; a larger one detaches a window that somebody looks at. */
const INLINE_GAP = CLIENT_LIMITS.pageMax;
/** Entries beyond the limit that may accumulate before some are dropped. */
const SLACK = 200;
/** Entries that an unwatched timeline keeps. */
const UNWATCHED = 100;
/** Deletions remembered for messages that are not in memory yet. */
const DELETIONS = 1_000;

/** A page of the log: `before` or `after` a `seq`, or the newest. */
export interface PageRequest {
  readonly before?: number;
  readonly after?: number;
  readonly limit: number;
}

/** The log of a conversation as this user may see it. */
export interface LogPosition {
  readonly lastSeq: number;
  readonly joinedSeq: number;
}

/**
 * The part of a conversation that is in memory: attached, it follows the newest entry; detached, it
 * ends somewhere in the past.
 */
export class TimelineWindow {
  readonly #log: { readonly position: LogPosition };
  readonly #limit: number;
  readonly #deleted = new Set<number>();
  #range: EntryRange | null = null;
  #isAttached = true;
  /** Whether the server has not confirmed any of it yet. */
  #isFromCache = false;
  /** The server said that nothing precedes this `seq`. */
  #begin = 0;
  #view: readonly [first: number, last: number] | null = null;

  /** @param limit the largest number of entries in memory. */
  constructor(log: { readonly position: LogPosition }, limit: number) {
    this.#log = log;
    this.#limit = limit;
  }

  get range(): EntryRange | null {
    return this.#range;
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  get hasOlder(): boolean {
    const begin = Math.max(1, this.#log.position.joinedSeq, this.#begin);
    return this.#range !== null && this.#range.first > begin;
  }

  /** The next missing page towards the newest entry. A watched window that is far behind is detached instead. */
  missing(watched: 'watched' | 'unwatched'): PageRequest | null {
    if (!this.#range) return { limit: PAGE };
    const after = this.#range.last;
    const missing = this.#log.position.lastSeq - after;
    if (!this.#isAttached || missing <= 0) return null;
    if (missing <= INLINE_GAP) return { after, limit: missing };
    if (watched === 'unwatched' || this.#isFromCache) return { limit: PAGE };
    this.#isAttached = false;
    return null;
  }

  /** Adds a page that was requested, by whatever part of the client. */
  addPage({ before, after }: PageRequest, entries: readonly Entry[]): void {
    this.#foldDeletions(entries);
    const last = this.#range?.last ?? -1;
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

  /** Adds an entry that arrived as an event or as an answer. */
  addLive(entry: Entry): void {
    this.#foldDeletions([entry]);
    if (this.#isAttached) this.#extend([entry]);
  }

  /** Shows what the device kept, until the server answers. */
  addCached(entries: readonly Entry[]): void {
    if (this.#range || entries.length === 0) return;
    this.replace(entries);
    // The cached list may be newer than the cached page: that gap is filled like any other.
    this.#isAttached = true;
    this.#isFromCache = true;
  }

  /** Adds the page before the window. */
  prepend(entries: readonly Entry[]): void {
    if (!this.#range) return;
    if (entries.length === 0) this.#begin = this.#range.first;
    this.#range.prepend(entries);
    if (this.#range.size > this.#limit) this.#dropNewest(this.#range);
  }

  /** Adds the page after a detached window. */
  append(entries: readonly Entry[]): void {
    if (!this.#range) return;
    this.#range.extend(entries);
    this.#range.dropOldest(this.#limit);
    this.#attach(this.#range);
  }

  /** Replaces the window. */
  replace(entries: readonly Entry[]): void {
    const first = entries[0]?.seq ?? Math.max(1, this.#log.position.joinedSeq);
    this.#range = new EntryRange(first - 1, this.#deleted);
    this.#range.extend(entries);
    this.#begin = 0;
    this.#view = null;
    this.#attach(this.#range);
  }

  setView(firstSeq: number, lastSeq: number): void {
    this.#view = [firstSeq, lastSeq];
  }

  /** Nobody watches any more: keeps what is shown first the next time. */
  shrink(): void {
    this.#view = null;
    if (this.#isAttached) this.#range?.dropOldest(UNWATCHED);
    else this.reset();
  }

  reset(): void {
    this.#range = null;
    this.#isAttached = true;
  }

  #extend(entries: readonly Entry[]): void {
    const range = this.#range;
    if (!range) return;
    range.extend(entries);
    this.#isFromCache = false;
    if (range.size <= this.#limit + SLACK) return;
    const [first, last] = this.#view ?? [range.last, range.last];
    if (first - range.first >= range.last - last) range.dropOldest(this.#limit);
    else this.#dropNewest(range);
  }

  #dropNewest(range: EntryRange): void {
    range.dropNewest(this.#limit);
    this.#attach(range);
  }

  #attach(range: EntryRange): void {
    this.#isAttached = range.last >= this.#log.position.lastSeq;
  }

  #foldDeletions(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'deletion') continue;
      this.#deleted.add(entry.messageSeq);
      this.#range?.delete(entry.messageSeq);
    }
    for (const oldest of this.#deleted) {
      if (this.#deleted.size <= DELETIONS) break;
      this.#deleted.delete(oldest);
    }
  }
}
