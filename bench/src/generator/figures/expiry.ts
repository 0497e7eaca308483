import { setTimeout as delay } from 'node:timers/promises';

import { usersOfExpiry, type Outcome } from '../../job.ts';
import { Participants, type Scene } from '../participants.ts';
import { concurrently } from '../concurrently.ts';
import { openLoop, settled } from '../drive.ts';
import { observe, shares } from '../observation.ts';
import { type Connection } from '../target.ts';

const SECOND = 1_000;
const RATE = 200;
const CONNECTING = 50;
const POLL_MS = 250;
/** A status that has not ended after this time counts as lost. */
const GIVE_UP_MS = 30_000;
/** Long enough for another sweep of the server, which would handle a status a second time. */
const AFTERWARDS_MS = 3_000;
const EXPIRED = /^parley_statuses_expired_total(?:\{[^}]*\})? (\d+)$/m;

/** Partners of the users whose statuses end, and the events that each of them received. */
class Watch {
  readonly #heard: number[] = [];
  #strays = 0;
  #connections: Connection[] = [];

  async open({ job, target }: Scene): Promise<void> {
    const { expiring, watching } = usersOfExpiry(job.users, job.scale);
    this.#connections = await concurrently(watching, CONNECTING, (user, index) => {
      this.#heard[index] = 0;
      return target.connect(user, (partnerId) => {
        if (partnerId === expiring[index]?.id) this.#heard[index] = (this.#heard[index] ?? 0) + 1;
        else this.#strays += 1;
      });
    });
  }

  get faults(): string[] {
    const missing = this.#heard.filter((count) => count === 0).length;
    const doubled = this.#heard.filter((count) => count > 1).length;
    const counts = { 'not told': missing, 'told twice': doubled, 'told of others': this.#strays };
    return Object.entries(counts).flatMap(([kind, count]) =>
      count === 0 ? [] : [`${count} partners ${kind}, of ${this.#heard.length}`],
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map(({ client }) => client.close()));
  }
}

async function expiredAt(metricsUrl: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  return Number(EXPIRED.exec(text)?.[1] ?? 0);
}

/** Resolves when the server has ended `count` statuses, or when the time for it is over. */
async function untilExpired(metricsUrl: string, count: number): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while ((await expiredAt(metricsUrl)) < count && performance.now() < deadline) {
    await delay(POLL_MS);
  }
}

/** H: how long it takes to end many statuses at once, and how that affects the latency of messages. */
export async function expiry(scene: Scene): Promise<Outcome> {
  const { job, meter } = scene;
  const { expiresAt = 0, metricsUrl = '' } = job;
  const { expiring } = usersOfExpiry(job.users, job.scale);
  const participants = await Participants.ofPairs(scene, job.scale.pairs);
  const watch = new Watch();
  await watch.open(scene);
  const stop = openLoop(RATE)(participants, scene);
  await delay(job.warmUpSeconds * SECOND);
  const before = expiresAt - Date.now();
  const faults =
    before < job.seconds * SECOND
      ? ['The statuses began to end before the first measurement was over']
      : [];
  meter.open();
  await delay(before);
  const idle = meter.takeAcks();
  const seen = await observe(job, () => untilExpired(metricsUrl, expiring.length));
  const meanwhile = meter.takeAcks();
  meter.close();
  const handled = (Date.now() - expiresAt) / SECOND;
  await delay(AFTERWARDS_MS);
  stop();
  await settled(participants, scene.now);
  const count = await expiredAt(metricsUrl);
  if (count !== expiring.length) faults.push(`${count} statuses ended, of ${expiring.length}`);
  faults.push(...watch.faults, ...participants.faults(scene.target));
  await Promise.all([watch.close(), participants.close()]);
  const [idleP99 = Number.NaN] = idle.percentiles([0.99]);
  const [busyP99 = Number.NaN] = meanwhile.percentiles([0.99]);
  const metrics = { handled, idleP99, busyP99, slowdown: busyP99 / idleP99, ...shares(seen) };
  return { metrics, faults, measured: seen.measured };
}
