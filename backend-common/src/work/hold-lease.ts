import type { SetTimer } from './timers.ts';

/** A lease that is to be held. */
interface HoldOptions {
  /** Milliseconds for which a lease holds. */
  readonly duration: number;
  /** Renews the lease. Returns whether it was still held. */
  readonly renew: () => Promise<boolean>;
  readonly setTimer: SetTimer;
}

/** Renewals in the time for which one lease holds. */
const RENEWALS = 3;

/**
 * Works under a lease and renews it meanwhile. The signal aborts when the lease was lost, or has ended because no
 * renewal succeeded.
 */
export async function holdLease<Result>(
  { duration, renew, setTimer }: HoldOptions,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lost = new AbortController();
  let isOver = false;
  let failures = 0;
  let cancel: (() => void) | undefined;
  const schedule = () => {
    cancel = setTimer(() => void attempt(), duration / RENEWALS);
  };
  const attempt = async () => {
    const result = await renew().catch(() => 'failed' as const);
    failures = result === 'failed' ? failures + 1 : 0;
    if (result === false || failures >= RENEWALS) lost.abort();
    else if (!isOver) schedule();
  };
  schedule();
  try {
    return await work(lost.signal);
  } finally {
    isOver = true;
    cancel?.();
  }
}
