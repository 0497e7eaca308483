import type { Cluster } from '../cluster/cluster.ts';
import type { Random } from '../random.ts';
import type { Workload, WorkloadOptions } from '../workload/workload.ts';

/** What a scenario works with. */
export interface Stage {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly random: Random;
  /** How long the fault lasts in this run, in seconds. */
  readonly seconds: number;
  /** Whether the run is the full one. */
  readonly isFull: boolean;
  /** Puts a figure of its own into the result, such as the time of a reconnect. */
  readonly note: (text: string) => void;
}

/** One way in which things break while people write. */
export interface Scenario {
  /** In lower case with hyphens. */
  readonly name: string;
  /** How long the fault lasts, in seconds. */
  readonly seconds: number;
  /** How long it lasts in a short run; absent: as long. */
  readonly shortSeconds?: number;
  /** Whether it is part of the full run alone. */
  readonly isFullOnly?: boolean;
  /** Who writes; absent: 8 members and 50 messages a second. */
  readonly workload?: Partial<WorkloadOptions>;
  /** Megabytes that a node may hold; absent: 450. */
  readonly memory?: number;
  /** Breaks something for `stage.seconds`. Everything is mended afterwards. */
  readonly break: (stage: Stage) => Promise<void>;
}
