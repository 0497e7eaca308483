import { AppError, type ErrorBody, ERRORS } from '@parley/common';

/** The codes after which only a new log-in helps. */
const SESSION_OVER = new Set(['unauthenticated', 'session_expired', 'account_suspended']);

/** Whether an error means that the session has ended. */
export function isSessionOver(error: AppError): boolean {
  return SESSION_OVER.has(error.code);
}

/** Fields that may be missing. */
type Fields<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** Converts the body of a server's error. A code that this client does not know becomes `internal`. */
export function fromErrorBody(body: Fields<ErrorBody> = {}): AppError {
  const code = body.code && Object.hasOwn(ERRORS, body.code) ? body.code : 'internal';
  return new AppError(code, body.message, body as Partial<ErrorBody>);
}
