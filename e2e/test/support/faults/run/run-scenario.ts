import type { Cluster } from '../cluster/cluster.ts';
import { checkHistory, countFaults } from '../history/check.ts';
import { isEntry, type FaultKind, type HistoryRecord, type Violation } from '../history/model.ts';
import type { Random } from '../random.ts';
import { becomes, hold } from '../time.ts';
import { Workload } from '../workload/workload.ts';
import { MemoryWatch } from './memory.ts';
import type { Scenario } from './scenario.ts';

const WARM_UP = 60;
const WARM_UP_MS = 20_000;
const AFTER_MS = 1_500;
const MEMORY = 450;
const USUAL = { members: 8, rate: 50, textLength: 40, revocable: 1 };

/** What came of one scenario. */
export interface Result {
  readonly name: string;
  readonly seconds: number;
  readonly fullSeconds: number;
  readonly operations: number;
  readonly acknowledged: number;
  readonly delivered: number;
  /** Milliseconds from the first attempt to the acknowledgement. */
  readonly p99: number;
  /** Seconds from mending everything to the moment when everybody has everything. */
  readonly settledAfter: number;
  readonly faults: Record<FaultKind, number>;
  readonly memory: number;
  readonly notes: readonly string[];
  /** What is wrong; empty if nothing is. */
  readonly failures: readonly string[];
}

/** How to run one scenario. */
export interface RunOptions {
  readonly random: Random;
  readonly isFull: boolean;
}

/** Lets people write, breaks something, mends everything, waits until it is quiet, and compares. */
export async function runScenario(
  cluster: Cluster,
  scenario: Scenario,
  { isFull, random }: RunOptions,
): Promise<Result> {
  const seconds = isFull ? scenario.seconds : (scenario.shortSeconds ?? scenario.seconds);
  const workload = new Workload(cluster, random, { ...USUAL, ...scenario.workload });
  const memory = new MemoryWatch(cluster);
  const notes: string[] = [];
  try {
    await workload.open();
    workload.start();
    await becomes(() => workload.acknowledged >= WARM_UP, WARM_UP_MS);
    workload.disturb();
    const note = (text: string) => void notes.push(text);
    await scenario.break({ cluster, workload, random, seconds, isFull, note });
    workload.spares.link.heal();
    await cluster.heal();
    const mendedAt = performance.now();
    await hold(AFTER_MS);
    const unsettled = await workload.settle();
    const settledAfter = Math.max(0, workload.settledAt - mendedAt) / 1_000;
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

interface Found {
  readonly violations: readonly Violation[];
  readonly unsettled: string | undefined;
  readonly most: number;
  readonly scenario: Scenario;
}

function failuresOf({ most, scenario, unsettled, violations }: Found): string[] {
  const { memory = MEMORY } = scenario;
  const failures = violations.map(({ count, detail, kind }) => `${kind} ×${count}: ${detail}`);
  if (unsettled !== undefined) failures.push(`unsettled: ${unsettled}`);
  if (most > memory) failures.push(`memory: a node held ${Math.round(most)} MB of ${memory}`);
  return failures;
}
