import type { PeriodicMetrics, RunResult } from './periodic-metrics.ts';
import { setNodeTimer, type SetTimer } from './timers.ts';

/** What runs, and how often. */
export interface PeriodicOptions {
  /** Identifier in `snake_case`; the label `task` of the metric. */
  readonly name: string;
  /** Milliseconds from the end of one run to the start of the next. */
  readonly every: number;
  /**
   * Share of `every`, 0 to 1, by which a wait may be shorter, at random: nodes that start together do not run
   * together. A wait is never longer than `every`. Default 0.1.
   */
  readonly jitter?: number;
  /** One run. The signal aborts when the task stops, so that a long run may end early. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly metrics: Pick<PeriodicMetrics, 'register' | 'observe'>;
  /** Called with what a run throws. The task continues. */
  readonly onFault: (error: unknown) => void;
  /** A number in [0, 1); default `Math.random`. */
  readonly random?: () => number;
  /** Default `setTimeout`. */
  readonly setTimer?: SetTimer;
}

const DEFAULT_JITTER = 0.1;

/**
 * A task that runs again and again, never twice at once. Its timer does not keep the process alive. It starts once:
 * a task that was stopped stays stopped.
 */
export class Periodic {
  readonly #options: PeriodicOptions;
  readonly #stopping = new AbortController();
  #isStarted = false;
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isWoken = false;

  constructor(options: PeriodicOptions) {
    this.#options = options;
    options.metrics.register(options.name);
  }

  /** Runs every `every` milliseconds from now on; the first time after `every`. */
  start(): void {
    if (this.#isStarted || this.#isStopped) return;
    this.#isStarted = true;
    this.#schedule();
  }

  /**
   * Runs now, or joins the run in progress; resolves when that run has ended and never rejects. The next run follows
   * `every` after its end. Works without `start()`, then once; does nothing after `stop()`.
   */
  runNow(): Promise<void> {
    if (this.#isStopped) return this.#running ?? Promise.resolve();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#next();
    });
    return this.#running;
  }

  /** Says that there is something to do: runs now, or once more when the run in progress has ended. */
  wake(): void {
    if (this.#running === undefined) void this.runNow();
    else this.#isWoken = true;
  }

  /** Starts no more runs, aborts the signal, and resolves when the run in progress has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer?.();
    await this.#running;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { metrics, name, onFault, run } = this.#options;
    this.#cancelTimer?.();
    const startedAt = performance.now();
    let result: RunResult = 'ok';
    try {
      await run(this.#stopping.signal);
    } catch (error) {
      result = 'failed';
      onFault(error);
    } finally {
      metrics.observe(name, result, (performance.now() - startedAt) / 1_000);
    }
  }

  #next(): void {
    if (this.#isStopped) return;
    if (this.#isWoken) {
      this.#isWoken = false;
      void this.runNow();
    } else if (this.#isStarted) {
      this.#schedule();
    }
  }

  #schedule(): void {
    const { every, jitter = DEFAULT_JITTER, random = Math.random } = this.#options;
    const { setTimer = setNodeTimer } = this.#options;
    const delay = every * (1 - jitter * random());
    this.#cancelTimer = setTimer(() => void this.runNow(), delay);
  }
}
