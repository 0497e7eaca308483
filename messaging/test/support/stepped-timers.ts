import type { Timers } from '../../src/log/timers.ts';

/** Timers that expire when a test says so. */
export class SteppedTimers implements Timers {
  #due: (() => void)[] = [];

  after(_ms: number, callback: () => void): void {
    this.#due.push(callback);
  }

  clear(): void {
    this.#due = [];
  }

  get isEmpty(): boolean {
    return this.#due.length === 0;
  }

  /** Lets every timer expire that is set now, and what follows from it. */
  async step(): Promise<void> {
    const due = this.#due;
    this.#due = [];
    for (const callback of due) callback();
    await turn();
  }
}

/** Lets everything run that waits for nothing but promises. */
export async function turn(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
