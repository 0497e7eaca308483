import { EventEmitter, once } from 'node:events';
import { type Cleanup } from '../cleanup.ts';
import { recordProcesses } from '../processes/leftover-processes.ts';
import { type PartPlan } from './part.ts';
import { type StackPart, writeStackFile } from '../stack-file.ts';
import { Supervisor } from './supervisor.ts';

/** Every part the launcher has started, and the file that lists them. */
export class StackParts {
  readonly #folder: string;
  readonly #say: (line: string) => void;
  readonly #cleanup: Cleanup;
  readonly #supervisors: Supervisor[] = [];
  readonly #restarts = new EventEmitter();
  #origin: string | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(options: { folder: string; say: (line: string) => void; cleanup: Cleanup }) {
    this.#folder = options.folder;
    this.#say = options.say;
    this.#cleanup = options.cleanup;
  }

  /** Every part as it runs now. */
  get parts(): StackPart[] {
    return this.#supervisors.map(({ part }) => part);
  }

  /** Starts parts in parallel; they are stopped in parallel too. Throws the first failure after all have settled. */
  async start(plans: readonly PartPlan[]): Promise<StackPart[]> {
    const started: Supervisor[] = [];
    this.#cleanup.defer(() => Promise.all(started.map((supervisor) => supervisor.stop())));
    const events = { say: this.#say, onRestart: (part: StackPart) => this.#restarted(part) };
    const outcomes = await Promise.allSettled(
      plans.map(async (plan) => {
        const supervisor = await Supervisor.start(plan, events);
        // The start was cancelled while this part was starting, and nothing else will stop it.
        if (this.#cleanup.closing) await supervisor.stop();
        started.push(supervisor);
        this.#supervisors.push(supervisor);
        await this.#write();
        return supervisor;
      }),
    );
    const parts = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
    return parts.map(({ part }) => part);
  }

  #restarted(part: StackPart): void {
    void this.#write().then(() => this.#restarts.emit(part.name, part));
  }

  /** Writes `stack.json` now and after each change. */
  async publish(origin: string): Promise<void> {
    this.#origin = origin;
    await this.#write();
  }

  /** Writes run one after the other, so that the last one has the newest list. */
  #write(): Promise<void> {
    this.#written = this.#written.then(async () => {
      try {
        await this.#writeFiles();
      } catch (error) {
        this.#say(`The list of parts was not written: ${(error as Error).message}`);
      }
    });
    return this.#written;
  }

  async #writeFiles(): Promise<void> {
    await recordProcesses(this.#folder, this.parts);
    if (this.#origin === undefined) return;
    await writeStackFile(this.#folder, { origin: this.#origin, parts: this.parts });
  }

  /** Settles when the part of this name has been started again and is listed. */
  async restarted(name: string): Promise<StackPart> {
    const [part] = (await once(this.#restarts, name)) as [StackPart];
    return part;
  }
}
