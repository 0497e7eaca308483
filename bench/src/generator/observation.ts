import { type Job, type TimeSpan } from '../job.ts';
import { cpuSeconds, machineCpuSeconds, sharedMicroseconds } from '../processes/usage.ts';

/** Resources that were used during some work. CPU in seconds; NaN if it is unknown. */
export interface Observation {
  readonly seconds: number;
  readonly serverCpu: number;
  readonly storeCpu: number;
  readonly generatorCpu: number;
  /** CPU of all other processes on the machine, which is not available to the three parts. */
  readonly othersCpu: number;
  readonly measured: TimeSpan;
}

async function snapshot({ serverPids, storePid }: Pick<Job, 'serverPids' | 'storePid'>) {
  const [machine, store, generator, ...servers] = await Promise.all([
    machineCpuSeconds(),
    cpuSeconds(storePid),
    cpuSeconds(process.pid),
    ...serverPids.map((pid) => cpuSeconds(pid)),
  ]);
  const server = servers.reduce((sum, seconds) => sum + seconds, 0);
  return { at: sharedMicroseconds(), machine, server, store, generator };
}

/** Runs `work`, and returns what the server, the database and this process used meanwhile. */
export async function observe(job: Job, work: () => Promise<void>): Promise<Observation> {
  const before = await snapshot(job);
  await work();
  const after = await snapshot(job);
  const serverCpu = after.server - before.server;
  const storeCpu = after.store - before.store;
  const generatorCpu = after.generator - before.generator;
  const known = [serverCpu, storeCpu, generatorCpu].filter((cpu) => !Number.isNaN(cpu));
  const ours = known.reduce((sum, cpu) => sum + cpu, 0);
  return {
    seconds: (after.at - before.at) / 1e6,
    ...{ serverCpu, storeCpu, generatorCpu },
    othersCpu: after.machine - before.machine - ours,
    measured: { from: before.at, to: after.at },
  };
}

/** Shares of a core that each part and all other processes used, by metric name. */
export function shares(observation: Observation): Record<string, number> {
  const { seconds, serverCpu, storeCpu, generatorCpu, othersCpu } = observation;
  return {
    serverShare: serverCpu / seconds,
    storeShare: storeCpu / seconds,
    generatorShare: generatorCpu / seconds,
    othersShare: othersCpu / seconds,
  };
}
