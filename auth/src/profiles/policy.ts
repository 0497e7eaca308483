import { AppError } from '@parley/common';
import type { Notifications, Privacy } from '@parley/common/contract';
import { imitatesOperator } from '@parley/common/lookalikes';

/** Privacy and notification settings of a new account. */
export const DEFAULT_PRIVACY: Privacy = { readReceipts: true, lastSeen: true };
export const DEFAULT_NOTIFICATIONS: Notifications = { previews: true };

/** @throws AppError `invalid_input` for a display name that claims to be an operator of the server */
export function checkDisplayName(name: string | null | undefined): void {
  if (name == null || !imitatesOperator(name)) return;
  const message = 'This name is reserved for the operators of the server';
  throw new AppError('invalid_input', message, { issues: [{ path: 'displayName', message }] });
}
