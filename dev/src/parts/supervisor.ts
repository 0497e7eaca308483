import { setTimeout as delay } from 'node:timers/promises';
import { type PartPlan, type RunningPart } from './part.ts';
import { type StackPart } from '../stack-file.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** After a part has run this long, the next restart waits only briefly again. */
const STEADY_MS = 30_000;

/** What to call when a part has ended or was restarted. */
export interface SupervisorEvents {
  /** The part runs again, as another process. */
  readonly onRestart: (part: StackPart) => void;
  readonly say: (line: string) => void;
}

/**
 * Keeps one part running: a part that crashes is started again at the same address, after 0.1 s at first and at most 5 s
 * when it keeps dying.
 */
export class Supervisor {
  readonly #plan: PartPlan;
  readonly #events: SupervisorEvents;
  readonly #stopping = new AbortController();
  #running: RunningPart;
  readonly #watch: Promise<void>;

  private constructor(plan: PartPlan, running: RunningPart, events: SupervisorEvents) {
    this.#plan = plan;
    this.#running = running;
    this.#events = events;
    this.#watch = this.#keepRunning();
  }

  /** Starts the part for the first time; throws if it does not start. */
  static async start(plan: PartPlan, events: SupervisorEvents): Promise<Supervisor> {
    return new Supervisor(plan, await plan.start(), events);
  }

  /** The part as it runs now. */
  get part(): StackPart {
    const { name, kind } = this.#plan;
    const { pid, url, metricsUrl } = this.#running;
    return { name, kind, pid, url, ...(metricsUrl === undefined ? {} : { metricsUrl }) };
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #keepRunning(): Promise<void> {
    let wait = FIRST_WAIT_MS;
    for (;;) {
      const started = performance.now();
      if (this.#running.exited === undefined) return;
      const { code, signal } = await this.#running.exited;
      if (this.#isStopping()) return;
      this.#events.say(
        `${this.#plan.name} ended (${signal ?? `exit ${code ?? '?'}`}) and is started again`,
      );
      if (performance.now() - started > STEADY_MS) wait = FIRST_WAIT_MS;
      wait = await this.#startAgain(wait);
      if (this.#isStopping()) return;
      this.#events.onRestart(this.part);
    }
  }

  /** Retries until the part runs or is being stopped; returns how long to wait the next time. */
  async #startAgain(firstWait: number): Promise<number> {
    for (let wait = firstWait; ;) {
      await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#isStopping()) return wait;
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      try {
        this.#running = await this.#plan.start(this.#running);
        return wait;
      } catch (error) {
        this.#events.say((error as Error).message);
      }
    }
  }

  /** Stops the part and does not restart it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const before = this.#running;
    await before.stop();
    await this.#watch;
    // The part may have been restarting.
    if (this.#running !== before) await this.#running.stop();
  }
}
