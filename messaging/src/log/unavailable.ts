import { AppError } from '@parley/common';

/** The error for an entry that waited longer than `LIMITS.appendDeadline`, or that found the queue full. */
export function unavailable(retryAfterMs: number): AppError {
  return new AppError('unavailable', 'The message could not be stored in time; send it again', {
    retryAfterMs,
  });
}
