import { setTimeout as delay } from 'node:timers/promises';

import { type Outcome, WARM_UP_USERS } from '../../job.ts';
import { residentBytes } from '../../processes/usage.ts';
import { COLLECT_GARBAGE } from '../../servers/bench-child.ts';
import { type Scene } from '../participants.ts';
import { concurrently } from '../concurrently.ts';
import { observe, shares } from '../observation.ts';
import { type Connection, type BenchUser } from '../target.ts';

const IN_PROGRESS = 250;
const CALM_MS = 2_000;
const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
const MILLI = 1e3;

/** Connects users, and counts refused connections by reason. */
class Crowd {
  readonly refusals = new Map<string, number>();
  readonly #scene: Scene;
  readonly #connections: Connection[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  async add(users: readonly BenchUser[]): Promise<void> {
    await concurrently(users, IN_PROGRESS, async (user) => {
      try {
        this.#connections.push(await this.#scene.target.connect(user, () => undefined));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
      }
    });
  }

  get faults(): string[] {
    return [...this.refusals].map(([reason, count]) => `${count} not connected: ${reason}`);
  }

  async leave(): Promise<void> {
    await Promise.all(this.#connections.splice(0).map(({ client }) => client.close()));
  }
}

async function warmUp(scene: Scene, crowd: Crowd): Promise<readonly BenchUser[]> {
  await crowd.add(scene.job.users.slice(0, WARM_UP_USERS));
  await crowd.leave();
  await delay(CALM_MS);
  return scene.job.users.slice(WARM_UP_USERS);
}

/**
 * Memory of the idle server. It collects garbage first: otherwise garbage of the handshakes would count, and memory that
 * was free before would hide the memory of the connections.
 */
async function restingBytes(pid: number): Promise<number> {
  await delay(CALM_MS);
  process.kill(pid, COLLECT_GARBAGE);
  await delay(CALM_MS);
  return residentBytes(pid);
}

/** D: how much memory of the server an idle connection takes. */
export async function idleMemory(scene: Scene): Promise<Outcome> {
  const { idle } = scene.job.scale;
  const [serverPid = Number.NaN] = scene.job.serverPids;
  const crowd = new Crowd(scene);
  const users = await warmUp(scene, crowd);
  const base = await restingBytes(serverPid);
  const kilobytes: number[] = [];
  const seen = await observe(scene.job, async () => {
    let connected = 0;
    for (const count of idle) {
      await crowd.add(users.slice(connected, count));
      connected = count;
      kilobytes.push(((await restingBytes(serverPid)) - base) / KILOBYTE / count);
    }
  });
  const [few = Number.NaN, many = Number.NaN] = kilobytes;
  const { faults } = crowd;
  await crowd.leave();
  return { metrics: { base: base / MEGABYTE, few, many }, faults, measured: seen.measured };
}

/** E: how long it takes until many clients that connect at once are connected. */
export async function storm(scene: Scene): Promise<Outcome> {
  const crowd = new Crowd(scene);
  const users = await warmUp(scene, crowd);
  const seen = await observe(scene.job, () => crowd.add(users));
  const { faults } = crowd;
  await crowd.leave();
  const metrics = {
    milliseconds: seen.seconds * MILLI,
    serverCpu: (seen.serverCpu / users.length) * MILLI,
    ...shares(seen),
  };
  return { metrics, faults, measured: seen.measured };
}
