import type { WrittenPage } from '../history/message-reader.ts';

/** A page, or why there is none. A failed read may succeed later. */
export type PageOutcome = WrittenPage | 'not_a_member' | 'failed';

/** Entries of a page at most; about 256 KiB end it earlier. */
export const PAGE = 500;
/** Pages that are read while the client takes one. */
const AHEAD = 2;

/** Reads pages before they are asked for. There are no holes in a log, so it is known where the one after the next begins. */
export class PagesAhead {
  /** Never rejects: a page that was read ahead may have nobody waiting for it. */
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

  /** The page after `seq`. What was read in vain, because a page ended early, is forgotten. */
  take(seq: number): Promise<PageOutcome> {
    const page = this.#pages.get(seq) ?? this.#read(seq);
    this.#pages.delete(seq);
    if (![...this.#pages.keys()].every((after) => after === seq + PAGE)) this.forget();
    return page;
  }

  /** Forgets what was read: there may be more by now. */
  forget(): void {
    this.#pages.clear();
  }
}
