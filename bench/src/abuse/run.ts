import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { type TimeSpan } from '../job.ts';
import { type Options } from '../options.ts';
import { createUsers, parleyEnvironment } from '../parley-users.ts';
import { chooseCores, type Cores } from '../processes/cores.ts';
import { NodeProcess } from '../processes/node-process.ts';
import { openStore, type Store } from '../processes/store.ts';
import { cpuSeconds, residentBytes, sharedMicroseconds } from '../processes/usage.ts';
import { describeProfile } from '../profile.ts';
import { busiestProfile } from '../profile-files.ts';
import { prepareJob } from './conversations.ts';
import { HonestUsers } from './honest.ts';
import { HonestLogins } from './honest-logins.ts';
import { type AttackJob, type AttackName, type AttackReport } from './job.ts';
import { watchRest } from './memory.ts';
import { COLUMNS, faultsOf, line, type Verdict } from './verdict.ts';
import { Victims } from './victims.ts';

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));
const ATTACKER = new URL('./attacker.ts', import.meta.url);
const SECOND = 1_000;
const START_MS = 60_000;
const MIB = 1024 * 1024;
/** Honest users; each pair sends five messages a second. Of a hundred messages a second, one outlier is not the p99. */
const HONEST = 40;
const ACCOMPLICES = 200;
/** During an attack, the p99 of honest users may exceed this multiple of its idle value for a second, but not longer. */
const FACTOR = 2;

/** Seconds of each part of a measurement, and conversations of the attacker. */
interface Plan {
  readonly warmUp: number;
  readonly idle: number;
  readonly attack: number;
  readonly rest: number;
  readonly conversations: number;
}

const FULL: Plan = { warmUp: 5, idle: 20, attack: 20, rest: 60, conversations: 5_000 };
const QUICK: Plan = { warmUp: 2, idle: 3, attack: 5, rest: 5, conversations: 300 };

interface Laboratory {
  readonly store: Store;
  readonly cores: Cores | undefined;
  readonly folder: string;
  readonly plan: Plan;
  readonly cpuProfile: boolean;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Measures each attack against a server of its own, and prints a line for each. Returns the exit code. */
export async function measureAttacks(
  attacks: readonly AttackName[],
  { cpuProfile, quick, seconds }: Pick<Options, 'cpuProfile' | 'quick' | 'seconds'>,
): Promise<number> {
  const folder = join(
    RESULTS,
    `abuse-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}`,
  );
  await mkdir(folder, { recursive: true });
  const cores = await chooseCores();
  const store = await openStore(folder, cores);
  const usual = quick ? QUICK : FULL;
  const plan = { ...usual, attack: seconds ?? usual.attack };
  let missed = 0;
  say(COLUMNS);
  try {
    await store.stopCheckpoints();
    for (const attack of attacks) {
      const verdict = await measure(attack, { store, cores, folder, plan, cpuProfile });
      const faults = faultsOf(verdict);
      if (faults.length > 0) missed += 1;
      say(line(attack, verdict, faults));
      if (cpuProfile) await printProfile(join(folder, attack), verdict.attackedAt);
    }
  } finally {
    await store.close();
  }
  return missed === 0 ? 0 : 1;
}

async function printProfile(folder: string, attackedAt: TimeSpan): Promise<void> {
  const found = await busiestProfile(folder, attackedAt);
  if (found !== undefined) say(`\n${found.path}\n${describeProfile(found.summary)}\n`);
}

async function measure(attack: AttackName, laboratory: Laboratory): Promise<Verdict> {
  const { plan, store } = laboratory;
  const uri = store.uri(`parley-abuse-${process.pid}-${attack}`);
  const env = {
    ...parleyEnvironment(uri),
    ...{ PARLEY_RATE_LIMITS: 'on', PARLEY_TRUSTED_PROXIES: '127.0.0.1' },
  };
  const users = await createUsers(env, HONEST + 1 + ACCOMPLICES);
  const victims = Victims.of(attack, { ...laboratory, env });
  let honest: HonestUsers | undefined;
  let logIns: HonestLogins | undefined;
  try {
    const { honestUrl, server, url } = await victims.start();
    const job = await prepareJob(attack, {
      ...{ url, uri, users: users.slice(HONEST) },
      conversations: plan.conversations,
    });
    honest = await HonestUsers.start(honestUrl, users.slice(0, HONEST));
    if (attack === 'log-ins') logIns = await HonestLogins.start(url);
    return await compare(job, { server, honest, logIns }, laboratory);
  } finally {
    logIns?.stop();
    honest?.stop();
    await victims.stop();
  }
}

interface Watched {
  readonly server: NodeProcess;
  readonly honest: HonestUsers;
  readonly logIns: HonestLogins | undefined;
}

/** Watches the service while it is idle, attacked, at rest, and stopped. */
async function compare(
  job: AttackJob,
  { honest, logIns, server }: Watched,
  laboratory: Laboratory,
): Promise<Verdict> {
  const { plan } = laboratory;
  await delay(plan.warmUp * SECOND);
  const idleFrom = performance.now();
  const idleUse = await watchCpu(server.pid);
  await delay(plan.idle * SECOND);
  const idleUntil = performance.now();
  const { p99: idle } = honest.between(idleFrom, idleUntil);
  const idleAbove = honest.between(idleFrom, idleUntil, FACTOR * idle).secondsAbove;
  const cpuIdle = await idleUse();
  const before = await residentBytes(server.pid);
  const attackFrom = performance.now();
  const attacked = await attackOnce(job, { server, honest, bound: FACTOR * idle }, laboratory);
  const attackUntil = performance.now();
  const { after, backAfter } = await watchRest({
    ...{ before, seconds: plan.rest, read: () => residentBytes(server.pid) },
  });
  const lost = honest.lost(attackFrom, attackUntil);
  if (logIns !== undefined) {
    const [whileIdle, whileAttacked] = [
      logIns.between(idleFrom, idleUntil),
      logIns.between(attackFrom, attackUntil),
    ];
    say(
      `logins of an honest user: p99 ${whileIdle.toFixed(0)} ms idle, ${whileAttacked.toFixed(0)} ms attacked, ${logIns.failed} refused`,
    );
  }
  return {
    ...{ ...attacked, lost, idle, idleAbove },
    ...(await stopAttacked(job, server, laboratory)),
    memory: {
      ...{ before: before / MIB, peak: attacked.peak / MIB, after: after / MIB },
      backAfter,
    },
    cpu: { ...attacked.cpu, idle: cpuIdle },
  };
}

/** Ends the service while it is attacked again. */
async function stopAttacked(
  job: AttackJob,
  server: NodeProcess,
  laboratory: Laboratory,
): Promise<Pick<Verdict, 'exit' | 'stopped'>> {
  const attacker = await startAttack(job, laboratory);
  try {
    await delay(2 * SECOND);
    const stopAt = performance.now();
    const exit = await server.stop();
    return { exit, stopped: performance.now() - stopAt };
  } finally {
    await attacker.stop();
  }
}

interface Attacked {
  readonly server: NodeProcess;
  readonly honest: HonestUsers;
  /** A p99 above this many milliseconds exceeds the bound. */
  readonly bound: number;
}

async function attackOnce(
  job: AttackJob,
  { bound, honest, server }: Attacked,
  laboratory: Laboratory,
) {
  const attacker = await startAttack(job, laboratory);
  try {
    const serverUse = await watchCpu(server.pid);
    const attackerUse = await watchCpu(attacker.pid);
    const from = performance.now();
    const spanFrom = sharedMicroseconds();
    let peak = 0;
    while (performance.now() - from < laboratory.plan.attack * SECOND) {
      await delay(SECOND / 4);
      peak = Math.max(peak, await residentBytes(server.pid));
    }
    const seen = honest.between(from, performance.now(), bound);
    const cpu = { attacked: await serverUse(), attacker: await attackerUse() };
    const attackedAt = { from: spanFrom, to: sharedMicroseconds() };
    const { p99: attacked, ...latency } = seen;
    return { attacked, ...latency, peak, cpu, attackedAt, events: eventsASecond(attacker) };
  } finally {
    await attacker.stop();
  }
}

/** Connections and events of the attacker in a second, by its last report; 0 if it has got no CPU time to report. */
function eventsASecond({ last }: NodeProcess): number {
  const { events = 0, seconds = 1 } = (last ?? {}) as Partial<AttackReport>;
  return events / seconds;
}

/** Begins to measure the CPU time of a process. Returns a function that returns its share of one core since then. */
async function watchCpu(pid: number): Promise<() => Promise<number>> {
  const [from, used] = [performance.now(), await cpuSeconds(pid)];
  return async () => ((await cpuSeconds(pid)) - used) / ((performance.now() - from) / SECOND);
}

async function startAttack(job: AttackJob, { cores, folder }: Laboratory): Promise<NodeProcess> {
  const attacker = await NodeProcess.start({
    ...{ script: ATTACKER, core: cores?.others, logFile: join(folder, 'attacker.log') },
    // The attacker shares its core with the store and the honest users and gets only the time that they do not use:
    // otherwise it would slow them down, and not the server.
    yields: true,
  });
  try {
    // The attack begins when the process has started.
    await attacker.next(START_MS);
    attacker.send(job);
    return attacker;
  } catch (error) {
    await attacker.stop();
    throw error;
  }
}
