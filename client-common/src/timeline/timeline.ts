import { AppError } from '@parley/common';
import type { Entry } from '@parley/common/contract';

import type { TimelineSnapshot } from '../api/timeline.ts';
import type { Context } from '../context.ts';
import { keepSame, Signal } from '../store/signal.ts';
import { Replies, type RepliesOwner, type ReplyTarget } from './replies.ts';
import { Rows, type RowsOwner } from './rows.ts';
import { PAGE, type PageRequest, Shown } from './shown.ts';

/** Entries in memory where the app does not say. */
const WINDOW_ENTRIES = 2_000;
/** Milliseconds that a timeline stays whole after its last listener went. */
const REST_AFTER = 10_000;

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
  readonly #shown: Shown;
  readonly #replies: Replies;
  readonly #rows: Rows;
  readonly #loading: Record<'older' | 'newer', Promise<void> | undefined> = {
    older: undefined,
    newer: undefined,
  };
  #isWanted = false;
  #error: TimelineSnapshot['error'] = null;

  constructor(context: TimelineContext, owner: TimelineOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#shown = new Shown(owner, context.options.windowEntries ?? WINDOW_ENTRIES);
    this.#replies = new Replies(context, owner);
    this.#rows = new Rows(context, owner, this.#replies);
    this.snapshot = new Signal((previous) => this.#compute(previous), {
      watched: () => void this.want(),
      unwatched: () => {
        this.#isWanted = false;
        context.runtime.delay(REST_AFTER, () => {
          if (!this.#isWanted) this.#shown.rest();
          this.snapshot.invalidate();
        });
      },
    });
  }

  /** The run in memory while it follows the newest entry. */
  get newestEntries(): readonly Entry[] {
    return this.#shown.isAttached ? (this.#shown.window?.entries ?? []) : [];
  }

  /** Newest `seq` in memory. */
  get lastSeq(): number {
    return this.#shown.window?.last ?? 0;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** The message with this id, if it is in memory. */
  find(messageId: string): ReplyTarget | null {
    const entry = this.#shown.window?.entries.find((each) => each.id === messageId);
    return entry === undefined ? null : { messageId, seq: entry.seq };
  }

  /** Has the newest page in memory from now on: first from the cache, then from the server. */
  async want(): Promise<void> {
    this.#isWanted = true;
    this.#error = null;
    this.snapshot.invalidate();
    if (this.#shown.window === null) {
      this.#shown.takeCached(await this.#context.cache.entries(this.#owner.id));
      this.snapshot.invalidate();
    }
    this.#owner.catchUp();
  }

  /** The next page that is lacking towards the newest entry. */
  need(): PageRequest | null {
    if (!this.#isWanted) return null;
    const page = this.#shown.need(this.snapshot.isWatched ? 'watched' : 'unwatched');
    this.snapshot.invalidate();
    return page;
  }

  /** Takes a page that was asked for, whoever asked. */
  takePage(page: PageRequest, entries: readonly Entry[]): void {
    this.#shown.takePage(page, entries);
    this.#replies.take(entries);
    this.snapshot.invalidate();
  }

  /** Takes an entry that came by itself. */
  takeLive(entry: Entry): void {
    this.#shown.takeLive(entry);
    this.#replies.take([entry]);
    this.snapshot.invalidate();
  }

  failed(error: AppError): void {
    this.#error = error.code;
    this.snapshot.invalidate();
  }

  async loadOlder(): Promise<void> {
    const { window, hasOlder } = this.#shown;
    if (window === null || !hasOlder) return;
    await this.#once('older', async () => {
      const entries = await this.#load({ before: window.first, limit: PAGE });
      if (window === this.#shown.window) this.#shown.prepend(entries);
    });
  }

  async loadNewer(): Promise<void> {
    const { window, isAttached } = this.#shown;
    if (window === null || isAttached) return;
    await this.#once('newer', async () => {
      const entries = await this.#load({ after: window.last, limit: PAGE });
      if (window === this.#shown.window) this.#shown.append(entries);
    });
  }

  async jumpToNewest(): Promise<void> {
    if (this.#shown.window !== null && this.#shown.isAttached) return;
    await this.#guard(() => this.#load({ limit: PAGE }));
    this.#owner.catchUp();
  }

  async jumpTo(seq: number): Promise<void> {
    const { joinedSeq, lastSeq } = this.#owner.position;
    if (seq < joinedSeq || seq > lastSeq) throw new AppError('not_found');
    if (this.#shown.window?.at(seq)) return;
    await this.#guard(async () => {
      const before = Math.min(seq + PAGE / 2, lastSeq) + 1;
      this.#shown.replace(await this.#load({ before, limit: PAGE }));
    });
  }

  setView(firstSeq: number, lastSeq: number): void {
    this.#shown.setView(firstSeq, lastSeq);
  }

  /** Forgets what is in memory. */
  reset(): void {
    this.#shown.reset();
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

  #compute(previous: TimelineSnapshot | undefined): TimelineSnapshot {
    const { window, isAttached, hasOlder } = this.#shown;
    return keepSame(previous, {
      status: this.#status(),
      items: this.#rows.of(window, isAttached ? 'to the end' : 'detached'),
      hasOlder,
      hasNewer: !isAttached,
      loadingOlder: this.#loading.older !== undefined,
      loadingNewer: this.#loading.newer !== undefined,
      firstSeq: window?.entries[0]?.seq ?? 0,
      lastSeq: window?.last ?? 0,
      newestSeq: this.#owner.position.lastSeq,
      error: this.#error,
    });
  }

  #status(): TimelineSnapshot['status'] {
    if (this.#shown.window !== null) return 'ready';
    if (this.#error !== null) return 'failed';
    return this.#isWanted ? 'loading' : 'idle';
  }
}
