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

/** The name that S3 gives a failure, as in `NoSuchKey`; empty where it is none of S3's. */
export function failureName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** HTTP status that came with a failure; 0 where there was no answer. */
export function failureStatus(error: unknown): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

/** What a failed call means: one of the refusals that it may end with, or that the store cannot be used now. */
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
