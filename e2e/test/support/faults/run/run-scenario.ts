import type { Cluster } from '../cluster/cluster.ts';
import { checkHistory, countFaults } from '../history/check.ts';
import { isEntry, type FaultKind, type HistoryRecord, type Violation } from '../history/model.ts';
import type { Random } from '../random.ts';
import { waitUntil, pause } from '../time.ts';
import { Workload } from '../workload/workload.ts';
import { MemoryWatch } from './memory.ts';
import type { Scenario } from './scenario.ts';

/** Messages that are acknowledged before something breaks, unless that takes too long. */
const WARM_UP = 60;
const WARM_UP_MS = 20_000;
/** How long the workload goes on after the faults have ended. */
const AFTER_MS = 1_500;
/** Megabytes of resident memory that a node may use. */
const MEMORY = 450;
const DEFAULT_WORKLOAD = { members: 8, rate: 50, textLength: 40, revocable: 1 };

/** The result of one scenario. */
export interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly fullSeconds: number;
  readonly operations: number;
  readonly acknowledged: number;
  readonly delivered: number;
  /** Milliseconds from the first attempt to the acknowledgement. */
  readonly p99: number;
  /** Seconds from the end of all faults until every client has received everything. */
  readonly settledAfter: number;
  readonly faults: Record<FaultKind, number>;
  /** The largest resident memory of a node, in megabytes. */
  readonly memory: number;
  readonly notes: readonly string[];
  /** Why the scenario failed; empty if it passed. */
  readonly failures: readonly string[];
}

/** How to run one scenario. */
export interface RunOptions {
  readonly random: Random;
  readonly isFull: boolean;
}

/** Starts the workload, breaks something, repairs it, waits until nothing is in progress, and checks the history. */
export async function runScenario(
  cluster: Cluster,
  scenario: Scenario,
  { isFull, random }: RunOptions,
): Promise<Result> {
  const seconds = isFull ? scenario.seconds : (scenario.shortSeconds ?? scenario.seconds);
  const workload = new Workload(cluster, random, { ...DEFAULT_WORKLOAD, ...scenario.workload });
  const memory = new MemoryWatch(cluster);
  const notes: string[] = [];
  try {
    await workload.open();
    workload.start();
    await waitUntil(() => workload.acknowledged >= WARM_UP, WARM_UP_MS);
    workload.disturb();
    const note = (text: string) => void notes.push(text);
    await scenario.break({ cluster, workload, random, seconds, isFull, note });
    workload.extraDevices.link.heal();
    await cluster.heal();
    const healedAt = performance.now();
    await pause(AFTER_MS);
    const unsettled = await workload.settle();
    const settledAfter = Math.max(0, workload.settledAt - healedAt) / 1_000;
    memory.stop();
    const history = await workload.finish();
    const violations = checkHistory(history);
    return {
      ...figuresOf(history),
      ...{ name: scenario.name, seconds, fullSeconds: scenario.seconds, settledAfter, notes },
      faults: countFaults(violations),
      memory: memory.most,
      failures: failuresOf({ violations, unsettled, most: memory.most, scenario }),
    };
  } finally {
    memory.stop();
    await workload.close();
    await cluster.heal();
  }
}

function figuresOf({ devices, operations }: HistoryRecord) {
  const answered = operations.filter(({ kind, seq }) => kind === 'message' && seq !== undefined);
  const delays = answered
    .map(({ attempts }) => {
      const ok = attempts.find(({ outcome }) => outcome === 'ok');
      return (ok?.answeredAt ?? 0) - (attempts[0]?.invokedAt ?? 0);
    })
    .sort((one, other) => one - other);
  const received = devices.flatMap(({ connections }) =>
    connections.flatMap((connection) => connection.received.filter(isEntry)),
  );
  return {
    operations: operations.length,
    acknowledged: answered.length,
    delivered: received.filter(({ via }) => via !== 'ack').length,
    p99: delays[Math.floor(delays.length * 0.99)] ?? 0,
  };
}

interface Findings {
  readonly violations: readonly Violation[];
  readonly unsettled: string | undefined;
  readonly most: number;
  readonly scenario: Scenario;
}

function failuresOf({ most, scenario, unsettled, violations }: Findings): string[] {
  const { memory = MEMORY } = scenario;
  const failures = violations.map(({ count, detail, kind }) => `${kind} ×${count}: ${detail}`);
  if (unsettled !== undefined) failures.push(`unsettled: ${unsettled}`);
  if (most > memory)
    failures.push(`memory: a node used ${Math.round(most)} MB; the limit is ${memory} MB`);
  return failures;
}
