import { AppError } from '@parley/common';

import { ObjectStoreError, type StoreRefusal } from './object-store.ts';

const REFUSALS: ReadonlyMap<string, StoreRefusal> = new Map([
  ['NoSuchUpload', 'no_such_upload'],
  ['InvalidPart', 'invalid_part'],
  ['InvalidPartOrder', 'invalid_part'],
  ['EntityTooSmall', 'invalid_part'],
  ['MalformedXML', 'invalid_part'],
  ['PreconditionFailed', 'changed'],
  ['NoSuchKey', 'missing'],
  ['NotFound', 'missing'],
]);

/** The S3 error code of a failure, such as `NoSuchKey`; empty if it is not an error. */
export function failureName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** The HTTP status of a failure; 0 if there was no response. */
export function failureStatus(error: unknown): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

/** The error of a failed call: one of the expected refusals, otherwise `unavailable`. */
export function toStoreFailure(
  error: unknown,
  expected: readonly StoreRefusal[],
): ObjectStoreError | AppError {
  const refusal = REFUSALS.get(failureName(error));
  if (refusal !== undefined && expected.includes(refusal)) {
    return new ObjectStoreError(refusal, { cause: error });
  }
  return new AppError('unavailable', 'Files cannot be reached now', { cause: error });
}
