import { table } from '../report.ts';
import { median } from '../statistics.ts';
import { FORMS, type FormName } from './forms.ts';
import { READS, ROUND_SIZES, type Measured, type ReadName } from './measure.ts';

/** What one form has cost, in each round of the measurement. */
export type Results = ReadonlyMap<FormName, readonly Measured[]>;

const READ_LABELS: Readonly<Record<ReadName, string>> = {
  newest: 'newest 50',
  after: '50 after',
  key: 'by key',
  id: 'by id',
  tail: 'tail',
};

/** Two tables: what a message costs and what a read costs, as the medians of the rounds. */
export function tables(results: Results): string {
  return `${messageTable(results)}\n\n${readTable(results)}`;
}

function messageTable(results: Results): string {
  const sizes = ROUND_SIZES.map((size) => `CPU at ${size}`);
  const heading = [
    ...['a message', ...sizes, '+ checkpoint', 'messages/s', 'pages', 'pages read'],
    ...['data B', 'indexes B', 'together B', 'reusable B', 'each index'],
  ];
  const rows = rowsOf(results, (all, of) => {
    const data = of(({ data: bytes }) => bytes);
    const indexes = of(indexBytes);
    return [
      ...ROUND_SIZES.map((size) => shown(of(({ inserting }) => inserting[size] ?? Number.NaN))),
      shown(of(({ withCheckpoint }) => withCheckpoint)),
      shown(
        of(({ messagesPerSecond }) => messagesPerSecond),
        0,
      ),
      shown(
        of(({ pagesRequested }) => pagesRequested),
        2,
      ),
      shown(
        of(({ pagesRead }) => pagesRead),
        3,
      ),
      ...[data, indexes, data + indexes].map((bytes) => shown(bytes, 0)),
      shown(
        of(({ reusable }) => reusable),
        0,
      ),
      Object.entries(all.at(-1)?.indexes ?? {})
        .map(([name, bytes]) => `${name} ${shown(bytes, 0)}`)
        .join(', '),
    ];
  });
  return table([heading, ...rows]);
}

function readTable(results: Results): string {
  const heading = [
    ...['CPU of a read', ...READS.map((name) => READ_LABELS[name])],
    ...['pages read, newest 50', 'form'],
  ];
  const rows = rowsOf(results, (_, of, name) => [
    ...READS.map((read) => shown(of(({ reads }) => reads[read] ?? Number.NaN))),
    shown(
      of(({ newestPagesRead }) => newestPagesRead),
      2,
    ),
    FORMS[name].says,
  ]);
  return table([heading, ...rows]);
}

function indexBytes({ indexes }: Measured): number {
  return Object.values(indexes).reduce((sum, bytes) => sum + bytes, 0);
}

type MedianOf = (value: (measured: Measured) => number) => number;

function rowsOf(
  results: Results,
  cells: (all: readonly Measured[], of: MedianOf, name: FormName) => string[],
): string[][] {
  return [...results].map(([name, all]) => {
    const of: MedianOf = (value) => median(all.map(value));
    return [name, ...cells(all, of, name)];
  });
}

function shown(value: number, digits = 1): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}
