import { searchKeys } from '@parley/common';

import { DEFAULT_NOTIFICATIONS, DEFAULT_PRIVACY } from '../profiles/policy.ts';
import type { Account } from '../profiles/repository.ts';

interface NewAccountFields {
  readonly id: string;
  readonly username: string;
  readonly displayName?: string | undefined;
  readonly passwordHash: string;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** An account with the settings of everybody who has just registered, and what its display name is found by. */
export function newAccount(fields: NewAccountFields): Account & { nameKeys: string[] } {
  const { createdAt, displayName = null, id, passwordHash, username } = fields;
  return {
    user: {
      ...{ id, username, displayName, avatarId: null, deleted: false, createdAt },
      privacy: DEFAULT_PRIVACY,
      notifications: DEFAULT_NOTIFICATIONS,
    },
    credentials: { passwordHash, passwordChangedAt: createdAt },
    isSuspended: false,
    nameKeys: displayName === null ? [] : searchKeys(displayName),
  };
}
