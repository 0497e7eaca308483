import { SECOND } from '@parley/common';

import type { Context } from './context.ts';
import { failure, type Check, type Finding } from './finding.ts';
import type { Hide } from './secrets.ts';

/** A finding with the name of its check. */
export interface NamedFinding extends Finding {
  readonly check: string;
}

/** How checks are run. */
export interface RunOptions {
  readonly hide: Hide;
  /** Milliseconds after which a check counts as failed; default 15 s. */
  readonly patience?: number;
}

/**
 * Runs all checks at the same time and gives their findings in the order of the checks. A check that throws or takes too
 * long is a failure and does not keep the others from being run.
 */
export function runChecks(
  checks: readonly Check[],
  context: Context,
  { hide, patience = 15 * SECOND }: RunOptions,
): Promise<NamedFinding[]> {
  return Promise.all(
    checks.map(async (check) => {
      const { mend, message, status } = await runWithin(patience, check, context);
      const shown = { check: check.name, status, message: hide(message) };
      return mend === undefined ? shown : { ...shown, mend: hide(mend) };
    }),
  );
}

async function runWithin(patience: number, check: Check, context: Context): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(tooLate(patience)), patience);
  });
  try {
    return await Promise.race([Promise.resolve(context).then((given) => check.run(given)), late]);
  } catch (error) {
    return failure(
      `The check ended with an error: ${messageOf(error)}.`,
      'Check whether the other findings explain it.',
    );
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(patience: number): Finding {
  return failure(
    `No answer within ${patience / SECOND} s.`,
    'Check whether the address is right and whether a firewall drops the connection.',
  );
}

/** The message of an error with the messages of its causes, without a full stop at the end. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const own = error.message === '' && typeof code === 'string' ? code : error.message;
  const text = own.replace(/\.$/, '');
  const cause = error.cause instanceof Error ? messageOf(error.cause) : '';
  return text.includes(cause) ? text : `${text}: ${cause}`;
}
