import type { Entry } from '@parley/common/contract';

/** Live entries that are kept beyond a gap; the others are fetched with the gap. */
const HELD = 200;

/** The content of a deleted message. */
export const DELETED_CONTENT = { text: null, attachment: null };

/**
 * A contiguous range of entries in memory: ascending, without gaps and duplicates, in whatever order
 * they arrive. Deleted messages lose their content, even if the deletion arrives before the message.
 */
export class EntryRange {
  readonly #deleted: Set<number>;
  readonly #held = new Map<number, Entry>();
  #entries: Entry[] = [];
  #last: number;

  /** @param after the `seq` before the range. @param deleted the `seq`s of messages known to be deleted. */
  constructor(after: number, deleted: Set<number> = new Set()) {
    this.#last = after;
    this.#deleted = deleted;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** First `seq` of the range; while it is empty, the one that would be first. */
  get first(): number {
    return this.#entries[0]?.seq ?? this.#last + 1;
  }

  /** Last `seq` of the range; while it is empty, one less than `first`. */
  get last(): number {
    return this.#last;
  }

  get size(): number {
    return this.#entries.length;
  }

  at(seq: number): Entry | undefined {
    return this.#entries[seq - this.first];
  }

  /** Appends entries; those beyond a gap wait until it is filled. */
  extend(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const next = this.#last + 1;
      if (entry.seq === next || (entry.seq > next && this.#held.size < HELD)) {
        this.#held.set(entry.seq, entry);
        this.#drain();
      }
    }
  }

  /** Prepends entries in ascending order, if they adjoin without a gap. */
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
    if (entry) this.#entries[seq - this.first] = this.#fold(entry);
  }

  /** The attachment of a message has a thumbnail from now on. */
  addThumbnail(attachmentId: string): void {
    this.#entries = this.#entries.map((entry) => {
      const attachment = entry.kind === 'message' && entry.attachment;
      if (!attachment || attachment.id !== attachmentId) return entry;
      return { ...entry, attachment: { ...attachment, thumbnail: true } };
    });
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
      if (!next) return;
      this.#held.delete(next.seq);
      this.#entries.push(this.#fold(next));
      this.#last = next.seq;
    }
  }

  #fold(entry: Entry): Entry {
    if (entry.kind !== 'message' || entry.deleted || !this.#deleted.has(entry.seq)) return entry;
    return { ...entry, ...DELETED_CONTENT, deleted: true };
  }
}
