import type { TimelineItem } from '../api/timeline.ts';
import type { Floors } from '../conversations/receipts.ts';
import type { Pending } from '../outbox/pending.ts';
import { ItemBuilder, type ItemContext } from './items.ts';
import type { Replies } from './replies.ts';
import type { Window } from './window.ts';

export interface RowsDeps {
  readonly selfId: () => string;
  readonly joinedSeq: () => number;
  readonly pendings: () => readonly Pending[];
  readonly floors: () => Floors;
  readonly replies: Replies;
}

/** The rows that a window shows; the same list and the same objects as long as nothing changed. */
export class Rows {
  readonly #deps: RowsDeps;
  readonly #items = new ItemBuilder();
  #rows: readonly TimelineItem[] = [];

  constructor(deps: RowsDeps) {
    this.#deps = deps;
  }

  /** Messages on their way stand below a window that reaches the end. */
  of(window: Window | null, reach: 'to the end' | 'detached'): readonly TimelineItem[] {
    const context = this.#context(window);
    const rows: TimelineItem[] = [];
    for (const entry of window?.entries ?? []) {
      const row = this.#items.ofEntry(entry, context);
      if (row !== null) rows.push(row);
    }
    if (reach === 'to the end') {
      for (const pending of this.#deps.pendings()) {
        rows.push(this.#items.ofPending(pending, context));
      }
    }
    const before = this.#rows;
    const same = rows.length === before.length && rows.every((row, at) => row === before[at]);
    if (!same) this.#rows = rows;
    return this.#rows;
  }

  #context(window: Window | null): ItemContext {
    const { selfId, floors, replies, joinedSeq } = this.#deps;
    return {
      selfId: selfId(),
      floors: floors(),
      reply: (target) => {
        const entry = window?.at(target.seq);
        if (entry === undefined) void replies.ask(target, joinedSeq());
        return replies.preview(target, entry);
      },
    };
  }
}
