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

/** A new account with the default settings, and the keys by which a search finds its display name. */
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
