import { AppError, type ErrorBody, ERRORS } from '@parley/common';

/** The codes after which only a new log-in helps. */
const SIGNED_OUT = new Set(['unauthenticated', 'session_expired', 'account_suspended']);

/** Whether an error says that the session is over. */
export function isSignedOut(error: AppError): boolean {
  return SIGNED_OUT.has(error.code);
}

/** An error of the server as ours. A code this client does not know counts as `internal`. */
export function fromBody(body: Partial<ErrorBody> = {}): AppError {
  const code = body.code !== undefined && Object.hasOwn(ERRORS, body.code) ? body.code : 'internal';
  return new AppError(code, body.message, body);
}
