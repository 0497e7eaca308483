import type { TimelineItem } from '../api/timeline.ts';
import type { Context } from '../context.ts';
import { keepSameList } from '../store/signal.ts';
import type { Floors } from '../conversations/receipts.ts';
import type { Pending } from '../outbox/pending.ts';
import { ItemBuilder, type ItemContext } from './items.ts';
import type { Replies } from './replies.ts';
import type { Position } from './shown.ts';
import type { Window } from './window.ts';

/** The conversation that rows are of. */
export interface RowsOwner {
  readonly position: Position;
  readonly lane: { readonly items: readonly Pending[] };
  /** How far the others are. */
  readonly floors: Floors;
}

/** The rows that a window shows; the same list and the same objects as long as nothing changed. */
export class Rows {
  readonly #context: Pick<Context, 'selfId'>;
  readonly #owner: RowsOwner;
  readonly #replies: Replies;
  readonly #items = new ItemBuilder();
  #rows: readonly TimelineItem[] = [];

  constructor(context: Pick<Context, 'selfId'>, owner: RowsOwner, replies: Replies) {
    this.#context = context;
    this.#owner = owner;
    this.#replies = replies;
  }

  /** Messages on their way stand below a window that reaches the end. */
  of(window: Window | null, reach: 'to the end' | 'detached'): readonly TimelineItem[] {
    const context = this.#itemContext(window);
    const rows: TimelineItem[] = [];
    for (const entry of window?.entries ?? []) {
      const row = this.#items.ofEntry(entry, context);
      if (row !== null) rows.push(row);
    }
    if (reach === 'to the end') {
      for (const pending of this.#owner.lane.items) {
        rows.push(this.#items.ofPending(pending, context));
      }
    }
    this.#rows = keepSameList(this.#rows, rows);
    return this.#rows;
  }

  #itemContext(window: Window | null): ItemContext {
    const { floors, position } = this.#owner;
    return {
      selfId: this.#context.selfId,
      floors,
      reply: (target) => {
        const entry = window?.at(target.seq);
        if (entry === undefined) void this.#replies.ask(target, position.joinedSeq);
        return this.#replies.preview(target, entry);
      },
    };
  }
}
