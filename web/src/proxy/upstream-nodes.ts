import { SECOND } from '@parley/common';

/** Milliseconds for which a node that failed is tried after the others. */
const AVOID = 5 * SECOND;

/** The nodes of one service, in rotation; nodes that failed recently come last. */
export class UpstreamNodes {
  readonly all: readonly string[];
  readonly #failedAt = new Map<string, number>();
  readonly #now: () => number;
  #next = 0;

  /** @param now - monotonic milliseconds */
  constructor(urls: readonly string[], now: () => number = () => performance.now()) {
    this.all = urls;
    this.#now = now;
  }

  /** Every node once, in the order in which one request tries them. */
  inTurn(): string[] {
    const start = this.#next;
    this.#next = (start + 1) % this.all.length;
    const turn = [...this.all.slice(start), ...this.all.slice(0, start)];
    return [
      ...turn.filter((url) => !this.#isAvoided(url)),
      ...turn.filter((url) => this.#isAvoided(url)),
    ];
  }

  failed(url: string): void {
    this.#failedAt.set(url, this.#now());
  }

  answered(url: string): void {
    this.#failedAt.delete(url);
  }

  #isAvoided(url: string): boolean {
    const failedAt = this.#failedAt.get(url);
    return failedAt !== undefined && this.#now() - failedAt < AVOID;
  }
}
