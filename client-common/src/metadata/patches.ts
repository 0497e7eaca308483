/** Bytes that replace as many others of a file. */
export interface Patch {
  /** Position of the first byte that is replaced. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** The content of a file in memory, of which some bytes are replaced. */
export class Draft {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where `bytes` begin in the file. */
  readonly #origin: number;
  readonly #changed: [start: number, end: number][] = [];

  /** Takes a copy: the bytes of the caller stay as they are. */
  constructor(bytes: Uint8Array, origin = 0) {
    this.bytes = bytes.slice();
    this.view = new DataView(this.bytes.buffer);
    this.#origin = origin;
  }

  /** Replaces bytes by others, which must be as many as there is room for. */
  write(start: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, start);
    this.#changed.push([start, start + bytes.length]);
  }

  /** Replaces the bytes from `start` up to, not including, `end` by one value. */
  fill(start: number, end: number, value: number): void {
    this.write(start, new Uint8Array(end - start).fill(value));
  }

  /** Whether bytes from `start` up to, not including, `end` were replaced. */
  isChanged(start: number, end: number): boolean {
    return this.#changed.some(([from, to]) => from < end && to > start);
  }

  /** The position at which a text (of bytes) stands from `from` on; -1: nowhere. */
  find(text: string, from = 0): number {
    const wanted = bytesOf(text);
    const [first = 0] = wanted;
    const { bytes } = this;
    for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
      if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
    }
    return -1;
  }

  /** Every position at which a text stands. */
  findAll(text: string): number[] {
    const found: number[] = [];
    for (let at = this.find(text); at !== -1; at = this.find(text, at + 1)) found.push(at);
    return found;
  }

  /** The bytes from `start` up to, not including, `end` as a text of one character a byte. */
  text(start: number, end: number): string {
    let text = '';
    const part = this.bytes.subarray(start, end);
    for (let at = 0; at < part.length; at += PIECE) {
      text += String.fromCharCode(...part.subarray(at, at + PIECE));
    }
    return text;
  }

  /** What was replaced. */
  patches(): Patch[] {
    return this.#changed.map(([start, end]) => ({
      start: this.#origin + start,
      bytes: this.bytes.slice(start, end),
    }));
  }
}

/** Characters that one call may be given. */
const PIECE = 8_192;

/** The bytes of a text of one character a byte. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
