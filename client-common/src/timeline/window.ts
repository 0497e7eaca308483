import type { Entry } from '@parley/common/contract';

/** Live entries kept beyond a gap; what does not fit is pulled with the gap. */
const HELD = 200;

/** What a deleted message loses. */
export const GONE = { text: null, attachment: null };

/**
 * A run of entries in memory: ascending, without gaps or doubles, whatever order they come in.
 * Deleted messages lose their text, also when the deletion comes before the message.
 */
export class Window {
  readonly #deleted: Set<number>;
  readonly #held = new Map<number, Entry>();
  #entries: Entry[] = [];
  #last: number;

  /** @param after the run begins after this `seq`. @param deleted messages known to be deleted. */
  constructor(after: number, deleted: Set<number> = new Set()) {
    this.#last = after;
    this.#deleted = deleted;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** First `seq` of the run; the one that would be first while it is empty. */
  get first(): number {
    return this.#entries[0]?.seq ?? this.#last + 1;
  }

  /** Last `seq` of the run; one less than `first` while it is empty. */
  get last(): number {
    return this.#last;
  }

  get size(): number {
    return this.#entries.length;
  }

  at(seq: number): Entry | undefined {
    return this.#entries[seq - this.first];
  }

  /** Takes entries at the end; those beyond a gap wait until it is filled. */
  extend(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const next = this.#last + 1;
      if (entry.seq === next || (entry.seq > next && this.#held.size < HELD)) {
        this.#held.set(entry.seq, entry);
        this.#drain();
      }
    }
  }

  /** Takes entries at the beginning, ascending; only what adjoins without a gap. */
  prepend(entries: readonly Entry[]): void {
    const first = this.first;
    const older = entries.filter((entry) => entry.seq < first);
    if (older.at(-1)?.seq !== first - 1) return;
    this.#entries = [...older.map((entry) => this.#fold(entry)), ...this.#entries];
  }

  /** The message at `seq` is deleted. */
  delete(seq: number): void {
    this.#deleted.add(seq);
    const entry = this.at(seq);
    if (entry !== undefined) this.#entries[seq - this.first] = this.#fold(entry);
  }

  /** Drops entries at the beginning until `size` are left. */
  dropOldest(size: number): void {
    if (this.#entries.length > size) this.#entries = this.#entries.slice(-size);
  }

  /** Drops entries at the end until `size` are left. */
  dropNewest(size: number): void {
    if (this.#entries.length <= size) return;
    this.#entries = this.#entries.slice(0, size);
    this.#last = this.#entries.at(-1)?.seq ?? this.#last;
    this.#held.clear();
  }

  #drain(): void {
    for (;;) {
      const next = this.#held.get(this.#last + 1);
      if (next === undefined) return;
      this.#held.delete(next.seq);
      this.#entries.push(this.#fold(next));
      this.#last = next.seq;
    }
  }

  #fold(entry: Entry): Entry {
    if (entry.kind !== 'message' || entry.deleted || !this.#deleted.has(entry.seq)) return entry;
    return { ...entry, ...GONE, deleted: true };
  }
}
