import type { PartPlan, RunningPart } from '@parley/dev';

/** A process of the cluster that tests start, stop and kill. It keeps its address after a restart. */
export class Part {
  readonly name: string;
  readonly #plan: PartPlan;
  #running: RunningPart | undefined;
  #last: RunningPart | undefined;
  #isFrozen = false;

  constructor(plan: PartPlan) {
    this.name = plan.name;
    this.#plan = plan;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** The address of the last start; empty before the first. */
  get url(): string {
    return this.#last?.url ?? '';
  }

  /** Starts the process if it does not run. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const running = await this.#plan.start(this.#last);
    this.#running = running;
    this.#last = running;
    void running.exited?.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  /** Kills the process and waits until it has ended. */
  async kill(): Promise<void> {
    const { exited } = this.#running ?? {};
    this.signal('SIGKILL');
    await exited;
    this.#running = undefined;
  }

  /** Stops the process as a deployment does, and waits until it has ended. */
  async stop(): Promise<void> {
    this.resume();
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Freezes the process: its connections stay open, but it does not answer. */
  freeze(): void {
    this.#isFrozen = this.signal('SIGSTOP');
  }

  resume(): void {
    if (this.#isFrozen) this.signal('SIGCONT');
    this.#isFrozen = false;
  }

  /** Returns false if there is no process to send it to. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.pid === undefined) return false;
    return process.kill(this.pid, signal);
  }
}
