/** A message to store, in no particular form. Ids are 16 bytes, the time is milliseconds since the epoch. */
export interface Sample {
  readonly conversation: Buffer;
  readonly seq: number;
  readonly id: Buffer;
  readonly sender: Buffer;
  readonly clientId: Buffer;
  readonly at: number;
  readonly text: string;
}

interface Conversation {
  readonly id: Buffer;
  readonly members: readonly [Buffer, Buffer];
  length: number;
}

/** Characters, and so bytes, of each text. */
const TEXT = 100;
const WORDS = 3_000;
const SYLLABLES = 'ba de ki lo mu ne pa re si to vu an el in or us the con tri str'.split(' ');
/** Messages of one conversation in a row, at most: what a sender types while a round is in progress. */
const BURST = 4;
/** 28 November 2026. */
const STARTS_AT = 1_795_824_000_000;
/** Milliseconds between two messages. */
const EVERY = 0.1;

/** Makes the same messages each time: those of many conversations of two users, in short bursts. */
export class Messages {
  readonly #random: () => number;
  readonly #conversations: readonly Conversation[];
  readonly #words: readonly string[];
  #count = 0;
  #current: Conversation | undefined;
  #left = 0;

  constructor(conversations: number, seed = 1) {
    this.#random = mulberry32(seed);
    this.#words = Array.from({ length: WORDS }, () => this.#word());
    this.#conversations = Array.from({ length: conversations }, (_, index) => ({
      id: this.#id(STARTS_AT - conversations + index),
      members: [this.#id(STARTS_AT), this.#id(STARTS_AT)] as const,
      length: 0,
    }));
  }

  /** The messages so far. */
  get count(): number {
    return this.#count;
  }

  next(): Sample {
    if (this.#left === 0 || this.#current === undefined) {
      this.#current = this.#pick(this.#conversations);
      this.#left = 1 + Math.floor(this.#random() * BURST);
    }
    const conversation = this.#current;
    this.#left -= 1;
    this.#count += 1;
    conversation.length += 1;
    const at = STARTS_AT + Math.floor(this.#count * EVERY);
    return {
      conversation: conversation.id,
      seq: conversation.length,
      id: this.#id(at),
      sender: this.#pick(conversation.members),
      clientId: this.#bytes(16),
      at,
      text: this.#text(),
    };
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new RangeError('There is nothing to pick from');
    return item;
  }

  /** A UUIDv7 as bytes. */
  #id(time: number): Buffer {
    const id = this.#bytes(16);
    id.writeUIntBE(Math.floor(time), 0, 6);
    id[6] = 0x70 | ((id[6] ?? 0) & 0x0f);
    id[8] = 0x80 | ((id[8] ?? 0) & 0x3f);
    return id;
  }

  #bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += 4) bytes.writeUInt32LE(this.#random() * 2 ** 32, at);
    return bytes;
  }

  #word(): string {
    const length = 1 + Math.floor(this.#random() * 4);
    return Array.from({ length }, () => this.#pick(SYLLABLES)).join('');
  }

  /** Words, each as frequent as one divided by its rank, as in a language. */
  #text(): string {
    let text = '';
    while (text.length < TEXT) {
      const rank = Math.floor(Math.exp(this.#random() * Math.log(WORDS)));
      text += `${this.#words[rank - 1] ?? ''} `;
    }
    return text.slice(0, TEXT);
  }
}

/** A generator of numbers in [0, 1) that begins the same way with the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
