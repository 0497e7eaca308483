import type { Status } from './finding.ts';
import type { NamedFinding } from './run-checks.ts';

const LABELS: Readonly<Record<Status, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failure: 'FAILURE',
  skipped: 'skipped',
};
const WIDTH = 'WARNING'.length;

/** The number of findings of each status. */
function countOf(findings: readonly NamedFinding[]): Record<Status, number> {
  const count: Record<Status, number> = { ok: 0, warning: 0, failure: 0, skipped: 0 };
  for (const { status } of findings) count[status] += 1;
  return count;
}

/** Whether no check has failed. Warnings are no failures. */
export function isWell(findings: readonly NamedFinding[]): boolean {
  return countOf(findings).failure === 0;
}

/** One line for each finding, with the way to mend it below, and a summary at the end. */
export function asText(findings: readonly NamedFinding[]): string {
  const indent = ' '.repeat(WIDTH + 2);
  const below = (text: string) => text.replaceAll('\n', `\n${indent}`);
  const lines = findings.flatMap(({ check, mend, message, status }) => [
    `${LABELS[status].padEnd(WIDTH)}  ${check}: ${below(message)}`,
    ...(mend === undefined ? [] : [`${indent}→ ${below(mend)}`]),
  ]);
  const { failure, ok, skipped, warning } = countOf(findings);
  const summary = `${ok} ok, ${warning} warnings, ${failure} failures, ${skipped} skipped`;
  return [...lines, '', summary].join('\n');
}

/** `{ok, count, findings: [{check, status, message, mend?}]}` in one line. */
export function asJson(findings: readonly NamedFinding[]): string {
  return JSON.stringify({ ok: isWell(findings), count: countOf(findings), findings });
}
