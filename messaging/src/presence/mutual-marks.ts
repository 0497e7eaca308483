interface MutualMarksDeps {
  /** Stores that both users of direct conversations have written in them. */
  readonly write: (conversationIds: readonly string[]) => Promise<void>;
  /** Called with the error of a failed write, which is not repeated: what is not stored is looked up again. */
  readonly onFault: (error: unknown) => void;
  /** Conversations that wait to be written; beyond it, further ones are dropped. Default 20,000. */
  readonly most?: number;
}

const WAITING_AT_MOST = 20_000;
/** Conversations in one command. */
const BATCH = 1_000;

/** Stores in the background in which direct conversations both users have written: no answer waits for it. */
export class MutualMarks {
  readonly #deps: MutualMarksDeps;
  readonly #most: number;
  readonly #waiting = new Set<string>();
  #writing: Promise<void> | undefined;

  constructor(deps: MutualMarksDeps) {
    this.#deps = deps;
    this.#most = deps.most ?? WAITING_AT_MOST;
  }

  /** Number of conversations that wait to be written. */
  get size(): number {
    return this.#waiting.size;
  }

  put(conversationIds: readonly string[]): void {
    for (const id of conversationIds) {
      if (this.#waiting.size < this.#most) this.#waiting.add(id);
    }
    if (this.#waiting.size > 0) this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything that waits was written or has failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH);
      for (const id of batch) this.#waiting.delete(id);
      await this.#deps.write(batch).catch((error: unknown) => this.#deps.onFault(error));
    }
    this.#writing = undefined;
  }
}
