import type { Context } from './context.ts';

/** `skipped`: there is nothing to check, or it cannot be checked from this machine. */
export type Status = 'ok' | 'warning' | 'failure' | 'skipped';

/** The result of a check. */
export interface Finding {
  readonly status: Status;
  /** A sentence. */
  readonly message: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly mend?: string;
}

/** A check of one aspect of a deployment. */
export interface Check {
  /** Lower case with hyphens. */
  readonly name: string;
  /** Must not change anything. An error that it throws counts as a failure. */
  run(context: Context): Promise<Finding> | Finding;
}

export function ok(message: string): Finding {
  return { status: 'ok', message };
}

export function skipped(message: string): Finding {
  return { status: 'skipped', message };
}

export function warning(message: string, mend: string): Finding {
  return { status: 'warning', message, mend };
}

export function failure(message: string, mend: string): Finding {
  return { status: 'failure', message, mend };
}
