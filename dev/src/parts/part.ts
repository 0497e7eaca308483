import { type Exit } from '../processes/child.ts';
import { type PartKind } from '../stack-file.ts';

/** A running part. */
export interface RunningPart {
  readonly pid: number;
  readonly url: string;
  readonly metricsUrl?: string;
  /** Settles when the part's process ends; absent if the part runs in this process. */
  readonly exited?: Promise<Exit>;
  /** Stops the part cleanly. */
  stop(): Promise<unknown>;
}

/** How a part is started and restarted. */
export interface PartPlan {
  readonly name: string;
  readonly kind: PartKind;
  /** `before` is the last run of the part, whose address is kept. Throws `LaunchError`. */
  start(before?: RunningPart): Promise<RunningPart>;
}
