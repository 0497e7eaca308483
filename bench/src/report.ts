import { type Figure } from './figures.ts';
import { type FigureName, type Outcome, type TargetName } from './job.ts';
import { type Results, type Verdict } from './results.ts';
import { type Spread } from './statistics.ts';

const NAMES: Readonly<Record<TargetName, string>> = {
  relay: 'relay',
  insert: 'inserting relay',
  group: 'relay with group commit',
  parley: 'Parley',
};

const REFERENCES: readonly TargetName[] = ['relay', 'insert'];

function number(value: number, digits: number): string {
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** `median (min..max)`, or only the value of a single round; a dash if there is no value. */
export function cell(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return '–';
  const { median, min, max } = spread;
  if (min === max) return number(median, digits);
  return `${number(median, digits)} (${number(min, digits)}..${number(max, digits)})`;
}

/** One measurement on one line: its faults, or its metrics. */
export function brief({ metrics }: Figure, outcome: Outcome): string {
  if (outcome.faults.length > 0) return `FAULT ${outcome.faults.slice(0, 3).join('; ')}`;
  const known = metrics.filter(({ name }) => Number.isFinite(outcome.metrics[name] ?? Number.NaN));
  return known
    .map(({ name, label, digits }) => `${label} ${number(outcome.metrics[name] ?? 0, digits)}`)
    .join('  ');
}

/** Formats rows as text in columns; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const [heading = [], ...body] = rows;
  return [
    line(heading),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...body.map(line),
  ].join('\n');
}

/** The table of one figure: a row for each target; each cell is the median of the rounds (lowest..highest). */
export function figureTable(results: Results, name: FigureName, figure: Figure): string {
  const measured = figure.metrics.filter((metric) =>
    figure.targets.some(
      (target) => results.over({ figure: name, target, metric: metric.name }) !== undefined,
    ),
  );
  const { references = REFERENCES } = figure;
  const ratios = references.map((reference) => `ratio to ${NAMES[reference]}`);
  const heading = ['', ...measured.map(({ label }) => label), ...ratios];
  const rows = figure.targets.map((target) => {
    const compared = { figure: name, target, metric: figure.compared };
    return [
      NAMES[target],
      ...measured.map((metric) =>
        cell(results.over({ figure: name, target, metric: metric.name }), metric.digits),
      ),
      ...references.map((reference) => cell(results.ratio(compared, reference), 2)),
    ];
  });
  return `${figure.title}\n${table([heading, ...rows])}`;
}

/** The table of the floors. */
export function floorTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ figure, says, bound, limit, measured, verdict }) => [
    figure,
    says,
    `${bound} ${limit}`,
    Number.isNaN(measured) ? '–' : number(measured, 2),
    verdict,
  ]);
  return `Floors (medians of the rounds; ratios are taken inside each round)\n${table([
    ['', 'what', 'floor', 'measured', 'verdict'],
    ...rows,
  ])}`;
}
