/** Ids of one day that are to be stored. */
export interface MarkedDay {
  readonly day: number;
  readonly ids: readonly string[];
}

interface Marks {
  readonly known: Set<string>;
  readonly waiting: Set<string>;
}

/** Ids of one day that are remembered. */
const MOST_KNOWN = 100_000;

/** Remembers which ids were marked on a day, so that each is stored once a day at most, and what is not stored yet. */
export class DailyMarks {
  readonly #days = new Map<number, Marks>();
  readonly #most: number;

  constructor(most = MOST_KNOWN) {
    this.#most = most;
  }

  /** Marks an id on a day. The mark is dropped if too many wait to be stored. */
  add(day: number, id: string): void {
    let marks = this.#days.get(day);
    if (marks === undefined) {
      marks = { known: new Set(), waiting: new Set() };
      this.#days.set(day, marks);
    }
    const { known, waiting } = marks;
    if (known.has(id) || waiting.size >= this.#most) return;
    // An id that is forgotten here may be stored once more, which changes nothing.
    if (known.size >= this.#most) known.clear();
    known.add(id);
    waiting.add(id);
  }

  /** The marks that wait to be stored. Call `stored` with them when they are. */
  waiting(): MarkedDay[] {
    return [...this.#days]
      .filter(([, { waiting }]) => waiting.size > 0)
      .map(([day, { waiting }]) => ({ day, ids: [...waiting] }));
  }

  /** Notes that marks are stored. */
  stored({ day, ids }: MarkedDay): void {
    const waiting = this.#days.get(day)?.waiting;
    for (const id of ids) waiting?.delete(id);
  }

  /** Forgets the days before `day` of which nothing waits. */
  forgetBefore(day: number): void {
    for (const [each, { waiting }] of this.#days) {
      if (each < day && waiting.size === 0) this.#days.delete(each);
    }
  }
}
