import { setTimeout as delay } from 'node:timers/promises';

import { type Participants, type Scene } from './participants.ts';
import { type Observation, observe } from './observation.ts';

const SECOND = 1_000;
const SETTLE_MS = 15_000;
const POLL_MS = 20;

/** Starts traffic, and returns a function that stops it. */
export type Traffic = (participants: Participants, scene: Scene) => () => void;

/** Keeps `window` messages in progress in each flow. A message is in progress until it is acknowledged and delivered to all. */
export function closedLoop(window: number): Traffic {
  return ({ flows }) => {
    let going = true;
    for (const flow of flows) {
      flow.onComplete = () => {
        if (going) flow.send();
      };
      for (let sent = 0; sent < window; sent += 1) flow.send();
    }
    return () => {
      going = false;
    };
  };
}

/** Sends `perSecond` messages a second, evenly spaced, with one flow after the other, even if the server falls behind. */
export function openLoop(perSecond: number): Traffic {
  return ({ flows }, { now }) => {
    const start = now();
    let sent = 0;
    let timer: NodeJS.Timeout | undefined;
    const tick = (): void => {
      for (const due = ((now() - start) * perSecond) / SECOND; sent < due; sent += 1) {
        flows[sent % flows.length]?.send();
      }
      timer = setTimeout(tick, start + (sent * SECOND) / perSecond - now());
    };
    tick();
    return () => clearTimeout(timer);
  };
}

/** Runs traffic: first unmeasured to warm up, then measured. Then waits until everything has arrived. */
export async function drive(
  scene: Scene,
  participants: Participants,
  traffic: Traffic,
): Promise<Observation> {
  const { job, meter, now } = scene;
  const stop = traffic(participants, scene);
  await delay(job.warmUpSeconds * SECOND);
  const observation = await observe(job, async () => {
    meter.open();
    await delay(job.seconds * SECOND);
    meter.close();
  });
  stop();
  await settled(participants, now);
  return observation;
}

/** Waits until every message in progress has arrived, for {@link SETTLE_MS} at most. */
export async function settled(participants: Participants, now: Scene['now']): Promise<void> {
  const deadline = now() + SETTLE_MS;
  while (participants.inProgress > 0 && now() < deadline) await delay(POLL_MS);
  // Duplicates and deliveries to a wrong user may arrive a little later.
  await delay(POLL_MS * 10);
}
