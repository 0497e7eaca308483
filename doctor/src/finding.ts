import type { Context } from './context.ts';

/** `skipped`: there is nothing to check, or it cannot be known from here. */
export type Status = 'ok' | 'warning' | 'failure' | 'skipped';

/** What a check has found. */
export interface Finding {
  readonly status: Status;
  /** A sentence. */
  readonly message: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly mend?: string;
}

/** One thing that can be wrong with a deployment. */
export interface Check {
  /** Lower case with hyphens. */
  readonly name: string;
  /** Looks and changes nothing. What it throws is a failure. */
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
