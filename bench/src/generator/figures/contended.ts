import { type Outcome } from '../../job.ts';
import { closedLoop, drive } from '../drive.ts';
import { Meter } from '../meter.ts';
import { type Observation, shares } from '../observation.ts';
import { Participants, type Scene } from '../participants.ts';

/** Messages in progress, of all senders together. */
const IN_PROGRESS = { few: 6, many: 60 };

interface Measured {
  readonly rate: number;
  readonly p99: number;
  readonly faults: readonly string[];
  readonly seen: Observation;
}

async function write(base: Scene, inProgress: number, nodes: number): Promise<Measured> {
  const scene = { ...base, meter: new Meter() };
  const { length: members } = scene.job.urls;
  const participants = await Participants.ofWriters(scene, members, nodes);
  const seen = await drive(scene, participants, closedLoop(inProgress / members));
  const [p99 = Number.NaN] = scene.meter.ackLatencies.percentiles([0.99]);
  const where = `${inProgress} in progress from ${nodes}`;
  const faults = participants.faults(scene.target).map((fault) => `${where}: ${fault}`);
  await participants.close();
  return { rate: scene.meter.acks / seen.seconds, p99, faults, seen };
}

/**
 * hot3: the same conversation written by as many users as there are nodes, who are connected first to one node and then
 * to one node each. All nodes run in both cases.
 */
export async function contended(scene: Scene): Promise<Outcome> {
  const metrics: Record<string, number> = {};
  const faults: string[] = [];
  let last: Observation | undefined;
  for (const [name, inProgress] of Object.entries(IN_PROGRESS)) {
    const one = await write(scene, inProgress, 1);
    const all = await write(scene, inProgress, scene.job.urls.length);
    metrics[`${name}OnOne`] = one.rate;
    metrics[`${name}OnAll`] = all.rate;
    metrics[`${name}Ratio`] = all.rate / one.rate;
    metrics[`${name}OnOneP99`] = one.p99;
    metrics[`${name}OnAllP99`] = all.p99;
    faults.push(...one.faults, ...all.faults);
    last = all.seen;
  }
  if (last === undefined) throw new RangeError('Nothing was measured');
  return { metrics: { ...metrics, ...shares(last) }, faults, measured: last.measured };
}
