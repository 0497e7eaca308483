import { FAULT_KINDS } from '../history/model.ts';
import type { Result } from './run-scenario.ts';

const HEADINGS = [
  ...['scenario', 'seconds', 'operations', 'acked', 'delivered', 'p99 ms', 'settled s'],
  ...[
    'lost',
    'duplicated',
    'reordered',
    'phantom',
    'gaps',
    'after removal',
    'echoed',
    'MB',
    'verdict',
  ],
];

/** The results as a table, one line for each scenario, with the notes below. */
export function tableOf(results: readonly Result[]): string {
  const rows = [HEADINGS, ...results.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  '),
  );
  const notes = results.flatMap(({ name, notes: own }) => own.map((note) => `${name}: ${note}`));
  return [...lines, ...notes].join('\n');
}

function rowOf(result: Result): string[] {
  const { acknowledged, delivered, faults, fullSeconds, memory, name, operations, p99, seconds } =
    result;
  return [
    name,
    seconds === fullSeconds ? String(seconds) : `${seconds} of ${fullSeconds}`,
    ...[operations, acknowledged, delivered, Math.round(p99)].map(String),
    result.settledAfter.toFixed(1),
    ...FAULT_KINDS.map((kind) => String(faults[kind])),
    String(Math.round(memory)),
    result.failures.length === 0 ? 'ok' : 'FAULT',
  ];
}
