/** Parses the arrays that events carry. The copies of one broadcast come in a row and are parsed once. */
export class PayloadParser {
  #text = '';
  #value: unknown[] = [];

  /** The array in `text`. Callers share it, so nobody may change it. */
  parse(text: string): readonly unknown[] {
    if (text !== this.#text) {
      this.#value = JSON.parse(text) as unknown[];
      this.#text = text;
    }
    return this.#value;
  }
}
