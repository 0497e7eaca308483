import type { DurationHistogram, Metrics } from '../metrics/metrics.ts';

/** How a run ended. */
export type RunResult = 'ok' | 'failed';

/** `parley_periodic_run_seconds`: the durations of all periodic tasks of a service. One object for each registry. */
export class PeriodicMetrics {
  readonly #seconds: DurationHistogram<'task' | 'result'>;

  constructor(metrics: Metrics) {
    this.#seconds = metrics.duration(
      'parley_periodic_run_seconds',
      'Duration of one run of a periodic task',
      { task: [], result: [] },
    );
  }

  /** Creates the series of a task at 0, so that `increase()` sees its first run. */
  register(task: string): void {
    this.#seconds.with({ task, result: 'ok' });
    this.#seconds.with({ task, result: 'failed' });
  }

  /** Records one run. */
  observe(task: string, result: RunResult, seconds: number): void {
    this.#seconds.with({ task, result }).observe(seconds);
  }
}
