import type { Cluster } from '../cluster/cluster.ts';
import type { Random } from '../random.ts';
import type { Workload, WorkloadOptions } from '../workload/workload.ts';

/** What a scenario gets. */
export interface ScenarioContext {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly random: Random;
  /** How long the fault lasts in this run, in seconds. */
  readonly seconds: number;
  /** Whether the run is the full one. */
  readonly isFull: boolean;
  /** Adds a note to the result, such as the duration of a reconnect. */
  readonly note: (text: string) => void;
}

/** One fault that occurs while clients send messages. */
export interface Scenario {
  /** In lower case with hyphens. */
  readonly name: string;
  /** How long the fault lasts, in seconds. */
  readonly seconds: number;
  /** How long it lasts in a short run; absent: as long as in a full run. */
  readonly shortSeconds?: number;
  /** Whether only the full run contains it. */
  readonly isFullOnly?: boolean;
  /** The load; absent: 8 members and 50 messages a second. */
  readonly workload?: Partial<WorkloadOptions>;
  /** Megabytes of resident memory that a node may use; absent: 450. */
  readonly memory?: number;
  /** Breaks something for `context.seconds`. Everything is repaired afterwards. */
  readonly break: (context: ScenarioContext) => Promise<void>;
}
