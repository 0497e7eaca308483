import { AppError, ERRORS, type ErrorCode } from '@parley/common';

import { texts } from '../texts/index.ts';

/** The code of a thrown value; `internal` for anything that is not an `AppError`. */
export function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof AppError) return thrown.code;
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : '';
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal';
}

/** A user-facing sentence that says what happened and what to do about it. */
export function errorText(thrown: unknown): string {
  return texts.errors[codeOf(thrown)] ?? texts.errors.internal;
}
