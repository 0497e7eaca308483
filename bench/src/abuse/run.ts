import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { createUsers, parleyEnvironment } from '../parley-users.ts';
import { chooseCores, type Cores } from '../processes/cores.ts';
import { NodeProcess } from '../processes/node-process.ts';
import { openStore, type Store } from '../processes/store.ts';
import { residentBytes } from '../processes/usage.ts';
import { seedGroups } from './conversations.ts';
import { HonestUsers } from './honest.ts';
import { type AttackJob, type AttackName } from './job.ts';

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));
const SERVER = new URL('../servers/parley.ts', import.meta.url);
const ATTACKER = new URL('./attacker.ts', import.meta.url);
const START_MS = 60_000;
const SECOND = 1_000;
const MIB = 1024 * 1024;
/** Honest users; each pair sends five messages a second. */
const HONEST = 20;
const ACCOMPLICES = 200;
const GROUP = 20;
/** What the p99 of honest users may become, in idle values, for longer than a second. */
const FACTOR = 2;

/** Seconds of each part of a measurement, and conversations of the attacker. */
interface Plan {
  readonly warmUp: number;
  readonly idle: number;
  readonly attack: number;
  readonly rest: number;
  readonly conversations: number;
}

const FULL: Plan = { warmUp: 5, idle: 10, attack: 20, rest: 60, conversations: 5_000 };
const QUICK: Plan = { warmUp: 2, idle: 3, attack: 5, rest: 5, conversations: 300 };

interface Laboratory {
  readonly store: Store;
  readonly cores: Cores | undefined;
  readonly folder: string;
  readonly plan: Plan;
}

/** What one attack did to the others. Memory in MiB, times in milliseconds. */
interface Verdict {
  readonly idle: number;
  readonly attacked: number;
  readonly secondsAbove: number;
  readonly memory: { readonly before: number; readonly peak: number; readonly after: number };
  readonly stopped: number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Measures each attack against a server of its own, and prints a line for each. Returns the exit code. */
export async function measureAttacks(
  attacks: readonly AttackName[],
  isQuick: boolean,
): Promise<number> {
  const folder = join(
    RESULTS,
    `abuse-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}`,
  );
  await mkdir(folder, { recursive: true });
  const cores = await chooseCores();
  const store = await openStore(folder, cores);
  const plan = isQuick ? QUICK : FULL;
  let missed = 0;
  say(
    'attack             p99 idle  attacked  seconds above  MiB before/peak/after  SIGTERM  verdict',
  );
  try {
    for (const attack of attacks) {
      const verdict = await measure(attack, { store, cores, folder, plan });
      const isMet = verdict.secondsAbove <= 1;
      if (!isMet) missed += 1;
      say(line(attack, verdict, isMet));
    }
  } finally {
    await store.close();
  }
  return missed === 0 ? 0 : 1;
}

function line(attack: AttackName, verdict: Verdict, isMet: boolean): string {
  const { attacked, idle, memory, secondsAbove, stopped } = verdict;
  const held = `${memory.before.toFixed(0)}/${memory.peak.toFixed(0)}/${memory.after.toFixed(0)}`;
  return [
    attack.padEnd(18),
    `${idle.toFixed(1)} ms`.padStart(9),
    `${attacked.toFixed(1)} ms`.padStart(9),
    String(secondsAbove).padStart(14),
    held.padStart(22),
    `${stopped.toFixed(0)} ms`.padStart(8),
    isMet ? ' met' : ' missed',
  ].join(' ');
}

async function measure(attack: AttackName, laboratory: Laboratory): Promise<Verdict> {
  const { cores, folder, plan, store } = laboratory;
  const uri = store.uri(`parley-abuse-${process.pid}-${attack}`);
  const env = { ...parleyEnvironment(uri), PARLEY_RATE_LIMITS: 'on' };
  const users = await createUsers(env, HONEST + 1 + ACCOMPLICES);
  const server = await NodeProcess.start({
    ...{ script: SERVER, core: cores?.server, env, nodeArgs: ['--expose-gc'] },
    logFile: join(folder, `${attack}.log`),
  });
  let attacker: NodeProcess | undefined;
  let honest: HonestUsers | undefined;
  try {
    const { url } = (await server.next(START_MS)) as { url: string };
    const job = await prepare(attack, { url, uri, users: users.slice(HONEST), plan });
    honest = await HonestUsers.start(url, users.slice(0, HONEST));
    await delay(plan.warmUp * SECOND);
    const idleFrom = performance.now();
    await delay(plan.idle * SECOND);
    const idle = honest.between(idleFrom, performance.now()).p99;
    const before = await residentBytes(server.pid);
    attacker = await startAttack(job, laboratory);
    const from = performance.now();
    let peak = before;
    while (performance.now() - from < plan.attack * SECOND) {
      await delay(SECOND / 4);
      peak = Math.max(peak, await residentBytes(server.pid));
    }
    const { p99, secondsAbove } = honest.between(from, performance.now(), FACTOR * idle);
    await attacker.stop();
    await delay(plan.rest * SECOND);
    const after = await residentBytes(server.pid);
    attacker = await startAttack(job, laboratory);
    await delay(2 * SECOND);
    const stopAt = performance.now();
    await server.stop();
    return {
      ...{ idle, attacked: p99, secondsAbove, stopped: performance.now() - stopAt },
      memory: { before: before / MIB, peak: peak / MIB, after: after / MIB },
    };
  } finally {
    honest?.stop();
    await attacker?.stop();
    await server.stop();
  }
}

interface Preparation {
  readonly url: string;
  readonly uri: string;
  readonly users: AttackJob['accomplices'];
  readonly plan: Plan;
}

/** The attacker belongs to many groups with one accomplice, and to some with twenty. */
async function prepare(
  attack: AttackName,
  { plan, uri, url, users }: Preparation,
): Promise<AttackJob> {
  const [attacker, ...accomplices] = users;
  if (attacker === undefined) throw new Error('There is no attacker');
  const ids = users.map(({ id }) => id);
  const groups = await seedGroups(uri, ids.slice(0, GROUP + 1), 30);
  await seedGroups(uri, ids.slice(0, 2), plan.conversations - groups.length);
  return { attack, url, attacker, accomplices, groups };
}

async function startAttack(job: AttackJob, { cores, folder }: Laboratory): Promise<NodeProcess> {
  const attacker = await NodeProcess.start({
    ...{ script: ATTACKER, core: cores?.others, logFile: join(folder, 'attacker.log') },
  });
  attacker.send(job);
  return attacker;
}
