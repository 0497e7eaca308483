import type { Range } from './chat-client.ts';

/** Which entries of a conversation a client has. */
export class Progress {
  readonly #received = new Set<number>();
  #top: number | undefined;

  /** Adds an entry that was received in any way. */
  add(seq: number): void {
    this.#received.add(seq);
    this.#top ??= seq;
    while (this.#received.has(this.#top + 1)) this.#top += 1;
  }

  /** The last `seq` before the first gap, counted from the first received entry; 0 before that. */
  get top(): number {
    return this.#top ?? 0;
  }

  /** Begins anew when the user has become a member again. */
  restart(): void {
    this.#top = undefined;
  }

  /** Entries from `from` to `to` that it does not have. */
  missing(from: number, to: number): number[] {
    return absentFrom(this.#received, { from, to });
  }
}

/** The numbers of a range that a set lacks. */
export function absentFrom(
  present: ReadonlySet<number>,
  { from, to }: Pick<Range, 'from' | 'to'>,
): number[] {
  const absent: number[] = [];
  for (let seq = from; seq <= to; seq += 1) if (!present.has(seq)) absent.push(seq);
  return absent;
}
