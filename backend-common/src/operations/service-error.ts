import { AppError, toAppError } from '@parley/common';

import { isMongoUnavailable } from '../mongo/errors.ts';

/**
 * Turns anything thrown in a service into an {@link AppError}: `unavailable` if MongoDB cannot serve now, otherwise
 * what {@link toAppError} makes of it.
 */
export function toServiceError(thrown: unknown): AppError {
  return isMongoUnavailable(thrown)
    ? new AppError('unavailable', 'The database cannot be reached now', { cause: thrown })
    : toAppError(thrown);
}

/** Whether an error is a failure of the service or its database that the log must show: its cause reaches no client. */
export function isServiceFailure(error: AppError): boolean {
  return error.code === 'internal' || isMongoUnavailable(error.cause);
}
