/** Runs at most `limit` tasks at a time: urgent ones first, otherwise in order. */
export class TaskLimiter {
  readonly #urgent: (() => void)[] = [];
  readonly #background: (() => void)[] = [];
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(task: () => Promise<T>, priority: 'urgent' | 'background'): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else {
      await new Promise<void>((start) => {
        (priority === 'urgent' ? this.#urgent : this.#background).push(start);
      });
    }
    try {
      return await task();
    } finally {
      const start = this.#urgent.shift() ?? this.#background.shift();
      if (start) start();
      else this.#free += 1;
    }
  }
}
