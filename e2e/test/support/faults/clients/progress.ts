/** Which entries of a conversation a client has. */
export class Progress {
  readonly #has = new Set<number>();
  #top: number | undefined;

  /** Adds an entry, however it came. */
  add(seq: number): void {
    this.#has.add(seq);
    this.#top ??= seq;
    while (this.#has.has(this.#top + 1)) this.#top += 1;
  }

  /** The entry up to which nothing is missing since the first one; 0 before any came. */
  get top(): number {
    return this.#top ?? 0;
  }

  /** The client has become a member again: what came before no longer counts. */
  beginAgain(): void {
    this.#top = undefined;
  }

  lacks(from: number, to: number): number {
    let count = 0;
    for (let seq = from; seq <= to; seq += 1) if (!this.#has.has(seq)) count += 1;
    return count;
  }
}
