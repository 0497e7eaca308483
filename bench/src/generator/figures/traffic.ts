import { type Outcome } from '../../job.ts';
import { Participants, type Scene } from '../participants.ts';
import { closedLoop, drive, openLoop } from '../drive.ts';
import { shares } from '../observation.ts';

const MICRO = 1e6;
const LATENCY_RATE = 200;
const PAIR_WINDOW = 8;
const HOT_WINDOW = 64;
const GROUP_WINDOW = 2;

function named(names: readonly string[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? Number.NaN]));
}

/** A: how long acknowledgement and delivery take at 200 messages a second. */
export async function latency(scene: Scene): Promise<Outcome> {
  const participants = await Participants.ofPairs(scene, scene.job.scale.pairs);
  const seen = await drive(scene, participants, openLoop(LATENCY_RATE));
  const { ackLatencies, deliveryLatencies, acks } = scene.meter;
  const metrics = {
    ...named(['ackP50', 'ackP95', 'ackP99'], ackLatencies.percentiles([0.5, 0.95, 0.99])),
    ...named(['deliveryP50', 'deliveryP99'], deliveryLatencies.percentiles([0.5, 0.99])),
    rate: acks / seen.seconds,
    serverCpu: (seen.serverCpu / acks) * MICRO,
    storeCpu: (seen.storeCpu / acks) * MICRO,
    ...shares(seen),
  };
  const faults = participants.faults(scene.target);
  await participants.close();
  return { metrics, faults, measured: seen.measured };
}

async function oneToOne(scene: Scene, shape: { pairs: number; window: number }): Promise<Outcome> {
  const participants = await Participants.ofPairs(scene, shape.pairs);
  const seen = await drive(scene, participants, closedLoop(shape.window));
  const { ackLatencies, acks, deliveries } = scene.meter;
  const done = Math.min(acks, deliveries);
  const metrics = {
    rate: done / seen.seconds,
    ...named(['ackP50', 'ackP99'], ackLatencies.percentiles([0.5, 0.99])),
    serverCpu: (seen.serverCpu / done) * MICRO,
    storeCpu: (seen.storeCpu / done) * MICRO,
    ...shares(seen),
  };
  const faults = participants.faults(scene.target);
  await participants.close();
  return { metrics, faults, measured: seen.measured };
}

/** B: how many messages a second are acknowledged and delivered between pairs. */
export function throughput(scene: Scene): Promise<Outcome> {
  return oneToOne(scene, { pairs: scene.job.scale.pairs, window: PAIR_WINDOW });
}

/** hot: the same in a single conversation. */
export function hotConversation(scene: Scene): Promise<Outcome> {
  return oneToOne(scene, { pairs: 1, window: HOT_WINDOW });
}

/** C: how many deliveries a second one sender causes in a large group. */
export async function fanOut(scene: Scene): Promise<Outcome> {
  const participants = await Participants.ofGroup(scene, scene.job.scale.members);
  const seen = await drive(scene, participants, closedLoop(GROUP_WINDOW));
  const { completionLatencies, deliveries } = scene.meter;
  const metrics = {
    rate: deliveries / seen.seconds,
    ...named(['lastP50', 'lastP99'], completionLatencies.percentiles([0.5, 0.99])),
    serverCpu: (seen.serverCpu / deliveries) * MICRO,
    ...shares(seen),
  };
  const faults = participants.faults(scene.target);
  await participants.close();
  return { metrics, faults, measured: seen.measured };
}
