import { type Exit } from '../processes/child.ts';
import { type PartKind } from '../stack-file.ts';

/** A part that runs. */
export interface RunningPart {
  readonly pid: number;
  readonly url: string;
  readonly metricsUrl?: string;
  /** Settles when the part's process ends; absent where the part lives in this process. */
  readonly exited?: Promise<Exit>;
  /** Ends the part in good order. */
  stop(): Promise<unknown>;
}

/** How a part is started, also again after it died. */
export interface PartPlan {
  readonly name: string;
  readonly kind: PartKind;
  /** `before` is what ran last: a part comes back at the same address. Throws `LaunchError`. */
  start(before?: RunningPart): Promise<RunningPart>;
}
