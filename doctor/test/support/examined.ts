import assert from 'node:assert/strict';
import type { Environment } from '@parley/backend-common';

import { examine, type ExamineOptions } from '../../src/doctor.ts';
import type { NamedFinding } from '../../src/run-checks.ts';

/** A secret that is long enough. */
export const SECRET = 'a planted secret of 32 bytes or more';

/** The findings of an examination, by check. Firebase is not asked. */
export async function examined(
  env: Environment,
  options: Omit<ExamineOptions, 'env'> = {},
): Promise<ReadonlyMap<string, NamedFinding>> {
  const { surroundings, ...others } = options;
  const findings = await examine({
    ...others,
    env: { PARLEY_SECRET: SECRET, ...env },
    surroundings: { exchange: () => Promise.resolve(), ...surroundings },
  });
  return new Map(findings.map((finding) => [finding.check, finding]));
}

/** Asserts what a check has found; a finding that is no success says how to mend it. */
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
