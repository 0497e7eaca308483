import { hashToken, type SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { DAY, createIdGenerator } from '@parley/common';

const createId = createIdGenerator(
  () => Date.now(),
  (into) => crypto.getRandomValues(into),
);

/** A session token of the right shape. */
export function sessionToken(seed: string): string {
  return seed.padEnd(43, '_');
}

/** A live session as auth stores it. */
export function storedSession(
  given: Partial<SessionDocument> & { token: string },
): SessionDocument {
  const { token, ...rest } = given;
  return {
    _id: createId(),
    userId: createId(),
    tokenHash: hashToken(token),
    deviceName: null,
    createdAt: 0,
    lastSeenAt: 0,
    expiresAt: 30 * DAY,
    endsAt: 180 * DAY,
    revokedAt: null,
    removeAt: new Date(Date.now() + DAY),
    ...rest,
  };
}

/** A person as auth stores them. */
export function storedUser(given: Partial<UserDocument> & { username: string }): UserDocument {
  return {
    _id: createId(),
    displayName: null,
    nameKeys: [],
    avatarId: null,
    passwordHash: '',
    createdAt: 0,
    privacy: { readReceipts: true, lastSeen: true },
    notifications: { previews: true },
    deletedAt: null,
    ...given,
  };
}
