import { AppError, ERRORS, type ErrorCode } from '@parley/common';

import { texts } from '../texts/index.ts';

/** The code of anything that was thrown; what is unknown counts as `internal`. */
export function codeOf(thrown: unknown): ErrorCode {
  if (thrown instanceof AppError) return thrown.code;
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : '';
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'internal';
}

/** What happened and what to do about it, in a person's words. */
export function errorText(thrown: unknown): string {
  return texts.errors[codeOf(thrown)] ?? texts.errors.internal;
}
