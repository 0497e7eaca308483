interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A device clock and timers that move only when a test says so. */
export class VirtualTime {
  #now: number;
  #timers: readonly Timer[] = [];

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly setTimeout = (task: () => void, ms: number): (() => void) => {
    const timer = { at: this.#now + ms, task };
    this.#timers = [...this.#timers, timer];
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Sets the clock without any timer noticing: what sleep does to a device. */
  jump(ms: number): void {
    this.#timers = this.#timers.map((timer) => ({ ...timer, at: timer.at + ms }));
    this.#now += ms;
  }

  /** Lets `ms` milliseconds pass: timers run in their order, and what they start settles in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
      await turn();
    }
    this.#now = end;
    await turn();
  }

  #next(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    );
  }
}

/** Lets everything run that is due: promises, and one turn of input and output. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Virtual milliseconds that pass in a real one while a test waits for input and output. */
const SPEED = 10;
/** Real milliseconds, before mocha ends the test without a reason. */
const PATIENCE = 50_000;

/** Lets time pass until `condition` holds. Fails after 50 s of real time, naming `what`. */
export async function until(
  time: VirtualTime,
  what: string,
  condition: () => boolean,
): Promise<void> {
  const begin = performance.now();
  let last = begin;
  while (!condition()) {
    await turn();
    const now = performance.now();
    if (now - begin > PATIENCE) throw new Error(`Waited in vain: ${what}`);
    await time.advance((now - last) * SPEED);
    last = now;
  }
}

/** Waits until `condition` holds while no time passes. Fails after 50 s of real time, naming `what`. */
export async function standing(what: string, condition: () => boolean): Promise<void> {
  const begin = performance.now();
  while (!condition()) {
    if (performance.now() - begin > PATIENCE) throw new Error(`Waited in vain: ${what}`);
    await turn();
  }
}
