import type { WrittenPage } from '../history/message-reader.ts';

/** Entries of a page at most; about 256 KiB end it earlier. */
export const PAGE = 500;
/** Pages that are read while the client takes one. */
const AHEAD = 2;

/** Reads pages before they are asked for. There are no holes in a log, so it is known where the one after the next begins. */
export class PagesAhead {
  readonly #read: (after: number) => Promise<WrittenPage | undefined>;
  readonly #pages = new Map<number, Promise<WrittenPage | undefined>>();

  constructor(read: (after: number) => Promise<WrittenPage | undefined>) {
    this.#read = read;
  }

  /** Begins to read pages after `seq`. */
  read(seq: number, count = AHEAD): void {
    for (let after = seq; after < seq + count * PAGE; after += PAGE) {
      if (!this.#pages.has(after)) this.#pages.set(after, this.#read(after));
    }
  }

  /** The page after `seq`. What was read in vain, because a page ended early, is forgotten. */
  take(seq: number): Promise<WrittenPage | undefined> {
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
