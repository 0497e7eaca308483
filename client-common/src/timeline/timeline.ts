import { AppError } from '@parley/common';
import type { Entry } from '@parley/common/contract';

import type { Cache } from '../cache/cache.ts';
import type { Requests } from '../core/requests.ts';
import type { Runtime } from '../core/runtime.ts';
import { keepSame, Signal } from '../core/signal.ts';
import type { OutgoingMessage } from '../outbox/outgoing-message.ts';
import { askAbout } from '../sync/ask-about.ts';
import { Items, type ItemsOwner } from './items.ts';
import { Replies, type ReplyTarget } from './replies.ts';
import { PAGE, type PageRequest, TimelineWindow } from './timeline-window.ts';
import type { TimelineSnapshot } from './types.ts';

/** Default of the largest number of entries in memory. */
const WINDOW_ENTRIES = 2_000;
/** Milliseconds after the last listener during which a timeline keeps all its entries. */
const SHRINK_AFTER = 10_000;

/** The conversation that a timeline shows. */
export interface TimelineOwner extends ItemsOwner {
  readonly id: string;
  /** Another object for each membership; `null` without one. */
  readonly state: object | null;
  /** Those that are not stored yet. */
  readonly messages: readonly OutgoingMessage[];
  /** A page has arrived. */
  applyPage(page: PageRequest, entries: readonly Entry[]): void;
  /** Fetches what is missing, see `missing`. */
  catchUp(): void;
  changed(): void;
}

export interface TimelineDeps {
  readonly self: { readonly id: string };
  readonly runtime: Pick<Runtime, 'delay'>;
  readonly requests: Pick<Requests, 'call'>;
  readonly cache: Pick<Cache, 'entries'>;
  readonly windowEntries?: number;
}

/** What a conversation shows: a window on its log, and the outgoing messages. */
export class Timeline {
  readonly snapshot: Signal<TimelineSnapshot>;
  readonly #deps: TimelineDeps;
  readonly #owner: TimelineOwner;
  readonly #window: TimelineWindow;
  readonly #replies: Replies;
  readonly #items: Items;
  readonly #loading: Record<'older' | 'newer', Promise<void> | undefined> = {
    older: undefined,
    newer: undefined,
  };
  #isActive = false;
  #error: TimelineSnapshot['error'] = null;

  constructor(owner: TimelineOwner, deps: TimelineDeps) {
    const { self, runtime, requests, windowEntries = WINDOW_ENTRIES } = deps;
    this.#deps = deps;
    this.#owner = owner;
    this.#window = new TimelineWindow(owner, windowEntries);
    const conversationId = owner.id;
    this.#replies = new Replies({ conversationId, requests, changed: () => owner.changed() });
    this.#items = new Items({ self, owner, replies: this.#replies });
    this.snapshot = new Signal((previous) => this.#compute(previous), {
      watched: () => void this.activate(),
      unwatched: () => {
        this.#isActive = false;
        runtime.delay(SHRINK_AFTER, () => {
          if (!this.#isActive) this.#window.shrink();
          this.snapshot.invalidate();
        });
      },
    });
  }

  /** The entries in memory while they reach the newest one; otherwise none. */
  get newest(): readonly Entry[] {
    return this.#window.isAttached ? (this.#window.range?.entries ?? []) : [];
  }

  /** The newest `seq` in memory. */
  get lastSeq(): number {
    return this.#window.range?.last ?? 0;
  }

  /** Whether it is kept up with the newest entry. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** The message with this id, if it is in memory. */
  find(messageId: string): ReplyTarget | null {
    const entry = this.#window.range?.entries.find((each) => each.id === messageId);
    return entry ? { messageId, seq: entry.seq } : null;
  }

  /** Keeps the newest page in memory from now on: first from the cache, then from the server. */
  async activate(): Promise<void> {
    this.#isActive = true;
    this.#error = null;
    this.snapshot.invalidate();
    if (!this.#window.range) {
      this.#window.addCached(await this.#deps.cache.entries(this.#owner.id));
      this.snapshot.invalidate();
    }
    this.#owner.catchUp();
  }

  /** The next missing page towards the newest entry. */
  missing(): PageRequest | null {
    if (!this.#isActive) return null;
    const page = this.#window.missing(this.snapshot.isWatched ? 'watched' : 'unwatched');
    this.snapshot.invalidate();
    return page;
  }

  /** Adds a page that was requested, by whatever part of the client. */
  addPage(page: PageRequest, entries: readonly Entry[]): void {
    this.#window.addPage(page, entries);
    this.#replies.add(entries);
    this.snapshot.invalidate();
  }

  /** Adds an entry that arrived as an event or as an answer. */
  addLive(entry: Entry): void {
    this.#window.addLive(entry);
    this.#replies.add([entry]);
    this.snapshot.invalidate();
  }

  /** The attachment of a message has a thumbnail from now on. */
  addThumbnail(attachmentId: string): void {
    this.#window.range?.addThumbnail(attachmentId);
  }

  failed(error: AppError): void {
    this.#error = error.code;
    this.snapshot.invalidate();
  }

  async loadOlder(): Promise<void> {
    const { range, hasOlder } = this.#window;
    if (!range || !hasOlder) return;
    const page = { before: range.first, limit: PAGE };
    await this.#loadOnce('older', page, (entries) => this.#window.prepend(entries));
  }

  async loadNewer(): Promise<void> {
    const { range, isAttached } = this.#window;
    if (!range || isAttached) return;
    const page = { after: range.last, limit: PAGE };
    await this.#loadOnce('newer', page, (entries) => this.#window.append(entries));
  }

  async jumpToNewest(): Promise<void> {
    if (this.#window.range && this.#window.isAttached) return;
    await this.#guard(() => this.#load({ limit: PAGE }));
    this.#owner.catchUp();
  }

  async jumpTo(seq: number): Promise<void> {
    const { joinedSeq, lastSeq } = this.#owner.position;
    if (seq < joinedSeq || seq > lastSeq) throw new AppError('not_found');
    if (this.#window.range?.at(seq)) return;
    await this.#guard(async () => {
      const before = Math.min(seq + PAGE / 2, lastSeq) + 1;
      this.#window.replace(await this.#load({ before, limit: PAGE }));
    });
  }

  setView(firstSeq: number, lastSeq: number): void {
    this.#window.setView(firstSeq, lastSeq);
  }

  /** Drops what is in memory. */
  reset(): void {
    this.#window.reset();
    this.snapshot.invalidate();
  }

  async #load(page: PageRequest): Promise<readonly Entry[]> {
    const input = { conversationId: this.#owner.id, ...page };
    const request = () => this.#deps.requests.call('conversation:entries', input);
    const { entries } = await askAbout(this.#owner, request);
    this.#owner.applyPage(page, entries);
    return entries;
  }

  /** Loads a page of the present window, or waits for the load in progress. */
  #loadOnce(
    direction: 'older' | 'newer',
    page: PageRequest,
    add: (entries: readonly Entry[]) => void,
  ): Promise<void> {
    const { range } = this.#window;
    const load = async () => {
      const entries = await this.#load(page);
      if (range === this.#window.range) add(entries);
    };
    const run = (this.#loading[direction] ??= this.#guard(load).finally(() => {
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

  #compute(previous: TimelineSnapshot | undefined): TimelineSnapshot {
    const { range, isAttached, hasOlder } = this.#window;
    return keepSame(previous, {
      status: this.#status(),
      // Outgoing messages follow the newest entry.
      items: this.#items.of(range, isAttached ? this.#owner.messages : []),
      hasOlder,
      hasNewer: !isAttached,
      loadingOlder: this.#loading.older !== undefined,
      loadingNewer: this.#loading.newer !== undefined,
      firstSeq: range?.entries[0]?.seq ?? 0,
      lastSeq: range?.last ?? 0,
      newestSeq: this.#owner.position.lastSeq,
      error: this.#error,
    });
  }

  #status(): TimelineSnapshot['status'] {
    if (this.#window.range) return 'ready';
    if (this.#error !== null) return 'failed';
    return this.#isActive ? 'loading' : 'idle';
  }
}
