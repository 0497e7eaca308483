interface LookUpsDeps<Value> {
  /** Reads what there is; keys of nothing are absent from the answer. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  /** Keys in one query at most. */
  readonly atMost: number;
}

/** A question that waits for its query. */
interface Question<Value> {
  readonly answer: Promise<Value | undefined>;
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Milliseconds between the beginnings of two queries. Who asks after a quiet moment does not wait. */
const PAUSE = 50;

/**
 * Looks things up by key, with few queries for many askers: those who ask in the same turn of the event loop, or within
 * a moment after a query, share the next one. No query answers a question that was asked after it began.
 */
export class LookUps<Value> {
  readonly #deps: LookUpsDeps<Value>;
  #waiting = new Map<string, Question<Value>>();
  #isScheduled = false;
  #lastBegan = -Infinity;

  constructor(deps: LookUpsDeps<Value>) {
    this.#deps = deps;
  }

  /** What stands under a key; rejects with the error of its query, as for all who share it. */
  of(key: string): Promise<Value | undefined> {
    const known = this.#waiting.get(key);
    if (known !== undefined) return known.answer;
    const question = ask<Value>();
    this.#waiting.set(key, question);
    this.#schedule();
    return question.answer;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    const wait = this.#lastBegan + PAUSE - performance.now();
    if (wait > 0) setTimeout(this.#begin, wait);
    else setImmediate(this.#begin);
  }

  readonly #begin = (): void => {
    this.#isScheduled = false;
    this.#lastBegan = performance.now();
    void this.#query(this.#take());
    this.#schedule();
  };

  #take(): ReadonlyMap<string, Question<Value>> {
    const { atMost } = this.#deps;
    const all = this.#waiting;
    if (all.size <= atMost) {
      this.#waiting = new Map();
      return all;
    }
    const taken = new Map([...all].slice(0, atMost));
    for (const key of taken.keys()) all.delete(key);
    return taken;
  }

  async #query(questions: ReadonlyMap<string, Question<Value>>): Promise<void> {
    try {
      const found = await this.#deps.read([...questions.keys()]);
      for (const [key, { resolve }] of questions) resolve(found.get(key));
    } catch (error) {
      for (const { reject } of questions.values()) reject(error);
    }
  }
}

function ask<Value>(): Question<Value> {
  let resolve!: Question<Value>['resolve'];
  let reject!: Question<Value>['reject'];
  const answer = new Promise<Value | undefined>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { answer, resolve, reject };
}
