import type { Counter, Gauge, Metrics } from '../metrics/metrics.ts';

/** The metrics of all lease queues of a service, by `queue`. One object for each registry. */
export class QueueMetrics {
  readonly #depth: Gauge<'queue'>;
  readonly #claims: Counter<'queue'>;
  readonly #retries: Counter<'queue'>;
  readonly #deadLetters: Counter<'queue'>;

  constructor(metrics: Metrics) {
    this.#depth = metrics.gauge(
      'parley_queue_depth',
      'Items of a queue that are due, wait for a retry or are leased, counted up to a limit',
      ['queue'],
    );
    this.#claims = metrics.counter('parley_queue_claims_total', 'Leases of queue items', {
      queue: [],
    });
    this.#retries = metrics.counter(
      'parley_queue_retries_total',
      'Attempts that failed and will be repeated',
      { queue: [] },
    );
    this.#deadLetters = metrics.counter(
      'parley_queue_dead_letters_total',
      'Items that were given up after their last attempt',
      { queue: [] },
    );
  }

  /** Creates the series of a queue at 0, so that `increase()` sees its first change. */
  register(queue: string): void {
    this.#depth.set({ queue }, 0);
    this.#claims.inc({ queue }, 0);
    this.#retries.inc({ queue }, 0);
    this.#deadLetters.inc({ queue }, 0);
  }

  setDepth(queue: string, depth: number): void {
    this.#depth.set({ queue }, depth);
  }

  countClaims(queue: string, count: number): void {
    this.#claims.inc({ queue }, count);
  }

  countRetry(queue: string): void {
    this.#retries.inc({ queue });
  }

  countDeadLetter(queue: string): void {
    this.#deadLetters.inc({ queue });
  }
}
