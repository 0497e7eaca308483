import type { WrittenPage } from '../history/message-reader.ts';

/** A page, or why there is none. A failed read may succeed later. */
export type PageOutcome = WrittenPage | 'not_a_member' | 'failed';

/** Largest number of entries in a page. A page also ends at about 256 KiB. */
export const PAGE = 500;
/** Pages that are read ahead while the client acknowledges one. */
const AHEAD = 2;

/** Reads pages before they are needed. A log has no gaps, so the start of each full page is known in advance. */
export class PagesAhead {
  /** Must not reject, because nothing may be waiting for a page that was read ahead. */
  readonly #read: (after: number) => Promise<PageOutcome>;
  readonly #pages = new Map<number, Promise<PageOutcome>>();

  constructor(read: (after: number) => Promise<PageOutcome>) {
    this.#read = read;
  }

  /** Begins to read pages after `seq`. */
  read(seq: number, count = AHEAD): void {
    for (let after = seq; after < seq + count * PAGE; after += PAGE) {
      if (!this.#pages.has(after)) this.#pages.set(after, this.#read(after));
    }
  }

  /** Returns the page after `seq`. Drops pages with another start, which were read in vain because a page ended early. */
  take(seq: number): Promise<PageOutcome> {
    const page = this.#pages.get(seq) ?? this.#read(seq);
    this.#pages.delete(seq);
    if (![...this.#pages.keys()].every((after) => after === seq + PAGE)) this.forget();
    return page;
  }

  /** Drops the pages that were read: the log may have more entries now. */
  forget(): void {
    this.#pages.clear();
  }
}
