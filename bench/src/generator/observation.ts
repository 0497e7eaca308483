import { type Job, type TimeSpan } from '../job.ts';
import { cpuSeconds, machineCpuSeconds } from '../processes/usage.ts';

/** What was used while something went on. CPU in seconds; NaN where it cannot be told. */
export interface Observation {
  readonly seconds: number;
  readonly serverCpu: number;
  readonly storeCpu: number;
  readonly generatorCpu: number;
  /** What everything else on the machine used, which takes time from all three. */
  readonly othersCpu: number;
  readonly measured: TimeSpan;
}

function sharedMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

async function snapshot({ serverPid, storePid }: Pick<Job, 'serverPid' | 'storePid'>) {
  const pids = [serverPid, storePid, process.pid];
  const [machine, server, store, generator] = await Promise.all([
    machineCpuSeconds(),
    ...pids.map((pid) => cpuSeconds(pid)),
  ]);
  return {
    at: sharedMicroseconds(),
    machine,
    server: server ?? Number.NaN,
    store: store ?? Number.NaN,
    generator: generator ?? Number.NaN,
  };
}

/** Does something and says what it took in the server, in the database and here. */
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

/** Shares of a core that the parts and everything else used, by metric name. */
export function shares(observation: Observation): Record<string, number> {
  const { seconds, serverCpu, storeCpu, generatorCpu, othersCpu } = observation;
  return {
    serverShare: serverCpu / seconds,
    storeShare: storeCpu / seconds,
    generatorShare: generatorCpu / seconds,
    othersShare: othersCpu / seconds,
  };
}
