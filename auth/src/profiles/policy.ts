import type { Notifications, Privacy } from '@parley/common/contract';

/** Privacy and notification settings of a new account. */
export const DEFAULT_PRIVACY: Privacy = { readReceipts: true, lastSeen: true };
export const DEFAULT_NOTIFICATIONS: Notifications = { previews: true };

/** A name as it is searched: compatibility forms folded (NFKC), lower case. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
