/** Runs at most `size` tasks at a time; urgent ones first, else in order. */
export class Pool {
  readonly #size: number;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(size: number) {
    this.#size = size;
  }

  run<T>(task: () => Promise<T>, priority: 'urgent' | 'background'): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#running += 1;
        task()
          .then(resolve, reject)
          .finally(() => {
            this.#running -= 1;
            this.#next();
          });
      };
      (priority === 'urgent' ? this.#urgent : this.#waiting).push(start);
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < this.#size) {
      const start = this.#urgent.shift() ?? this.#waiting.shift();
      if (start === undefined) return;
      start();
    }
  }
}
