import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Figure, figuresAt } from './figures.ts';
import { type FigureName, nodesOf, type Outcome, type TargetName } from './job.ts';
import { fileOf, type Laboratory, measure, type Task } from './measure.ts';
import { type Options } from './options.ts';
import { chooseCores, type Cores } from './processes/cores.ts';
import { openRedis } from './processes/redis.ts';
import { openStore } from './processes/store.ts';
import { describeProfile } from './profile.ts';
import { busiestProfile } from './profile-files.ts';
import { brief, figureTable, floorTable } from './report.ts';
import { Results } from './results.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

type Figures = Readonly<Record<FigureName, Figure>>;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Rotates the order of the targets each round, so that none is always first. */
function inTurn(targets: readonly TargetName[], round: number): TargetName[] {
  const shift = (round - 1) % Math.max(1, targets.length);
  return [...targets.slice(shift), ...targets.slice(0, shift)];
}

function tasksOf(options: Options, figures: Figures): Task[] {
  const rounds = Array.from({ length: options.rounds }, (_, index) => index + 1);
  return rounds.flatMap((round) =>
    options.figures.flatMap((name) => {
      const figure = figures[name];
      const targets = figure.targets.filter((target) => options.targets.includes(target));
      return inTurn(targets, round).map((target) => ({ round, name, target, figure }));
    }),
  );
}

/** A measurement that throws is a fault of its figure; the run continues with the others. */
async function attempt(task: Task, laboratory: Laboratory): Promise<Outcome> {
  try {
    return await measure(task, laboratory);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { metrics: {}, faults: [fault], measured: { from: 0, to: 0 } };
  }
}

async function printProfile(task: Task, outcome: Outcome, folder: string): Promise<void> {
  const found = await busiestProfile(join(folder, fileOf(task)), outcome.measured);
  if (found !== undefined) say(`\n${found.path}\n${describeProfile(found.summary)}\n`);
}

async function measureAll(tasks: readonly Task[], laboratory: Laboratory): Promise<Results> {
  const results = new Results();
  for (const task of tasks) {
    const outcome = await attempt(task, laboratory);
    const { round, name, target, figure } = task;
    results.add({ round, figure: name, target, ...outcome });
    say(`round ${round}  ${name.padEnd(6)}${target.padEnd(8)}${brief(figure, outcome)}`);
    if (laboratory.cpuProfile && outcome.faults.length === 0) {
      await printProfile(task, outcome, laboratory.folder);
    }
  }
  return results;
}

function machine(cores: Cores | undefined) {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    node: process.version,
    pinned: cores ?? null,
  };
}

/** Measures, prints the tables and writes them as JSON. Returns the exit code. */
export async function run(options: Options): Promise<number> {
  const startedAt = new Date();
  const folder = join(RESULTS, startedAt.toISOString().replaceAll(':', '-').slice(0, 19));
  await mkdir(folder, { recursive: true });
  const cores = await chooseCores();
  const described = machine(cores);
  say(`${JSON.stringify(described)}\n`);
  const figures = figuresAt(options.scale);
  const store = await openStore(folder, cores);
  const needsRedis = options.figures.some((name) => nodesOf(name) > 1);
  const redis = needsRedis ? await openRedis(folder, cores) : undefined;
  const laboratory = { ...options, store, redis, cores, folder };
  let results: Results;
  try {
    results = await measureAll(tasksOf(options, figures), laboratory);
  } finally {
    await redis?.close();
    await store.close();
  }
  const verdicts = results.verdicts(options.figures);
  for (const name of options.figures) say(`\n${figureTable(results, name, figures[name])}`);
  say(`\n${floorTable(verdicts)}`);
  const { measurements, faults } = results;
  if (faults.length > 0) say(`\nFaults\n${faults.join('\n')}`);
  const report = { startedAt, machine: described, options, measurements, verdicts };
  await writeFile(join(folder, 'results.json'), JSON.stringify(report, null, 2));
  const missed = verdicts.some(({ verdict }) => verdict !== 'met');
  return faults.length > 0 || (options.check && missed) ? 1 : 0;
}
