import assert from 'node:assert/strict';
import type { Environment } from '@parley/backend-common';

import { examine, type ExamineOptions } from '../../src/doctor.ts';
import type { NamedFinding } from '../../src/run-checks.ts';

/** A value for `PARLEY_SECRET` that is long enough. */
export const SECRET = 'a planted secret of 32 bytes or more';

/** Runs all checks and returns the findings by check. Firebase is not called. */
export async function examined(
  env: Environment,
  options: Omit<ExamineOptions, 'env'> = {},
): Promise<ReadonlyMap<string, NamedFinding>> {
  const { system, ...others } = options;
  const findings = await examine({
    ...others,
    env: { PARLEY_SECRET: SECRET, ...env },
    system: { exchange: () => Promise.resolve(), ...system },
  });
  return new Map(findings.map((finding) => [finding.check, finding]));
}

/** Asserts the finding of a check. A warning or a failure must say how to mend it. */
export function assertFound(
  findings: ReadonlyMap<string, NamedFinding>,
  check: string,
  expected: { readonly status: NamedFinding['status']; readonly message?: RegExp; mend?: RegExp },
): void {
  const finding = findings.get(check);
  assert.ok(finding !== undefined, check);
  assert.equal(finding.status, expected.status, JSON.stringify(finding));
  assert.match(finding.message, expected.message ?? /\.$/);
  if (finding.status === 'warning' || finding.status === 'failure') {
    assert.match(finding.mend ?? '', expected.mend ?? /\w/);
  }
}
