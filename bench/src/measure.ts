import { join } from 'node:path';

import { type Figure } from './figures.ts';
import { type BenchUser } from './generator/target.ts';
import {
  usersOfExpiry,
  type FigureName,
  type Job,
  type Outcome,
  nodesOf,
  usersFor,
  type Scale,
  type TargetName,
} from './job.ts';
import { createUsers, parleyEnvironment, setStatuses } from './parley-users.ts';
import { type Cores } from './processes/cores.ts';
import { NodeProcess } from './processes/node-process.ts';
import { type RedisServer } from './processes/redis.ts';
import { type Store } from './processes/store.ts';

/** One figure of one target in one round. */
export interface Task {
  readonly round: number;
  readonly name: FigureName;
  readonly target: TargetName;
  readonly figure: Figure;
}

/** What all tasks of a run have in common. */
export interface Laboratory {
  readonly store: Store;
  /** Connects the nodes of figures with several. */
  readonly redis: RedisServer | undefined;
  readonly cores: Cores | undefined;
  readonly scale: Scale;
  /** Where logs and profiles go. */
  readonly folder: string;
  readonly cpuProfile: boolean;
  readonly warmUp: number;
  readonly seconds: number | undefined;
}

/** A node that serves. */
interface Node {
  readonly process: NodeProcess;
  readonly url: string;
  readonly metricsUrl?: string;
}

interface ServerPlan {
  readonly script: URL;
  readonly users: readonly BenchUser[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly expiresAt?: number;
}

const START_MS = 60_000;
const JOB_MS = 300_000;
const RELAY = new URL('./servers/relay.ts', import.meta.url);
const PARLEY = new URL('./servers/parley.ts', import.meta.url);
/** Milliseconds in which all users of H connect and are measured before the statuses end. */
const BEFORE_EXPIRY = 40_000;
const GENERATOR = new URL('./generator/main.ts', import.meta.url);

/** The name of the files that belong to a task. */
export function fileOf({ round, name, target }: Omit<Task, 'figure'>): string {
  return `${name}-${target}-${round}`;
}

async function planServer(task: Task, { store, scale }: Laboratory): Promise<ServerPlan> {
  const { name, target, round } = task;
  const count = usersFor(name, scale);
  const uri = store.uri(`parley-bench-${process.pid}-${round}-${name}-${target}`);
  switch (target) {
    case 'relay':
      return {
        script: RELAY,
        users: strangers(count),
        args: name === 'F' ? ['--history'] : [],
        // The relay inserts messages if it has a database.
        env: { MONGODB_URI: '' },
      };
    case 'insert':
      return { script: RELAY, users: strangers(count), env: { MONGODB_URI: uri } };
    case 'group':
      return {
        script: RELAY,
        users: strangers(count),
        args: ['--group-commit'],
        env: { MONGODB_URI: uri },
      };
    case 'parley': {
      const env = parleyEnvironment(uri);
      const users = await createUsers(env, count);
      if (name !== 'H') return { script: PARLEY, users, env };
      const expiresAt = Date.now() + BEFORE_EXPIRY;
      await setStatuses(uri, usersOfExpiry(users, scale), expiresAt);
      return { script: PARLEY, users, env, expiresAt };
    }
  }
}

function strangers(count: number): BenchUser[] {
  return Array.from({ length: count }, (_, index) => ({ id: `user-${index}`, token: '' }));
}

/** Starts a new server and a new generator, runs the measurement, and stops both. */
export async function measure(task: Task, laboratory: Laboratory): Promise<Outcome> {
  const plan = await planServer(task, laboratory);
  const nodes: Node[] = [];
  try {
    for (let started = 0; started < nodesOf(task.name); started += 1) {
      nodes.push(await startNode(task, plan, laboratory));
    }
    const job: Job = {
      ...jobOf(task, laboratory),
      urls: nodes.map(({ url }) => url),
      metricsUrl: nodes[0]?.metricsUrl,
      serverPids: nodes.map(({ process: { pid } }) => pid),
      users: plan.users,
      expiresAt: plan.expiresAt,
    };
    return await generate(job, laboratory);
  } finally {
    await Promise.all(nodes.map(({ process }) => process.stop()));
  }
}

/** Starts one node of the server. All nodes have the same core. */
async function startNode(task: Task, plan: ServerPlan, laboratory: Laboratory): Promise<Node> {
  const { cores, folder, cpuProfile, redis } = laboratory;
  const file = fileOf(task);
  const profiling = ['--cpu-prof', `--cpu-prof-dir=${join(folder, file)}`];
  const connected = nodesOf(task.name) > 1 && redis !== undefined ? { REDIS_URL: redis.url } : {};
  const { args = [], env = {}, script } = plan;
  const server = await NodeProcess.start({
    ...{ script, args, env: { ...env, ...connected } },
    core: cores?.server,
    logFile: join(folder, `${file}.log`),
    nodeArgs: ['--expose-gc', ...(cpuProfile ? profiling : [])],
  });
  try {
    return { process: server, ...((await server.next(START_MS)) as Omit<Node, 'process'>) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function jobOf({ name, target, figure }: Task, laboratory: Laboratory) {
  return {
    figure: name,
    target,
    storePid: laboratory.store.pid,
    scale: laboratory.scale,
    warmUpSeconds: figure.warmUpSeconds * laboratory.warmUp,
    seconds: laboratory.seconds ?? figure.seconds,
  };
}

async function generate(job: Job, { cores, folder }: Laboratory): Promise<Outcome> {
  const generator = await NodeProcess.start({
    script: GENERATOR,
    core: cores?.others,
    logFile: join(folder, 'generator.log'),
  });
  try {
    generator.send(job);
    return (await generator.next(JOB_MS)) as Outcome;
  } finally {
    await generator.stop();
  }
}
