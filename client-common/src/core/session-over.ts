import type { AppError } from '@parley/common';

/** Whether only a new login helps after this error. */
export function isSessionOver({ code, status }: AppError): boolean {
  return status === 401 || code === 'account_suspended';
}
