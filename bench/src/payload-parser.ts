/** Parses the JSON arrays of events. Copies of one broadcast arrive one after the other and are parsed once. */
export class PayloadParser {
  #text = '';
  #value: unknown[] = [];

  /** The array in `text`. Callers share it and must not change it. */
  parse(text: string): readonly unknown[] {
    if (text !== this.#text) {
      this.#value = JSON.parse(text) as unknown[];
      this.#text = text;
    }
    return this.#value;
  }
}
