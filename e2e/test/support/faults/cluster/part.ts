import type { PartPlan, RunningPart } from '@parley/dev';

/** A process of the cluster that tests start, stop and kill. It keeps its address. */
export class Part {
  readonly name: string;
  readonly #plan: PartPlan;
  #running: RunningPart | undefined;
  #last: RunningPart | undefined;
  #isStopped = false;

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

  /** The address, also while it does not run. */
  get url(): string {
    return this.#last?.url ?? '';
  }

  /** Starts the process, unless it runs. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const running = await this.#plan.start(this.#last);
    this.#running = running;
    this.#last = running;
    void running.exited?.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  /** Ends the process at once, and waits until it has ended. */
  async kill(): Promise<void> {
    const { exited } = this.#running ?? {};
    this.signal('SIGKILL');
    await exited;
    this.#running = undefined;
  }

  /** Ends the process as a deployment does, and waits until it has ended. */
  async stop(): Promise<void> {
    this.resume();
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Freezes the process: its connections stay open and nothing answers. */
  freeze(): void {
    this.#isStopped = this.signal('SIGSTOP');
  }

  resume(): void {
    if (this.#isStopped) this.signal('SIGCONT');
    this.#isStopped = false;
  }

  /** Answers whether there was a process to send it to. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.pid === undefined) return false;
    return process.kill(this.pid, signal);
  }
}
