import { getRandomValues, randomBytes } from 'node:crypto';
import { hashToken, type SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { createIdGenerator, DAY } from '@parley/common';
import { MongoClient } from 'mongodb';

/** A user with a session. */
export interface TestUser {
  readonly userId: string;
  readonly token: string;
  readonly sessionId: string;
}

/** Creates users and sessions directly in the database, because each registration would cost a password hash. */
export async function createUsers(mongoUri: string, count: number): Promise<TestUser[]> {
  const newId = createIdGenerator(Date.now, getRandomValues);
  const users = Array.from({ length: count }, () => testUserOf(newId(), newId()));
  await insert(mongoUri, users);
  return users;
}

/** Creates another session of a user. */
export async function createSession(mongoUri: string, { userId }: TestUser): Promise<TestUser> {
  const session = testUserOf(userId, createIdGenerator(Date.now, getRandomValues)());
  await withDatabase(mongoUri, (db) =>
    db.collection<SessionDocument>('sessions').insertOne(sessionOf(session)),
  );
  return session;
}

function testUserOf(userId: string, sessionId: string): TestUser {
  return { userId, sessionId, token: randomBytes(32).toString('base64url') };
}

async function insert(mongoUri: string, users: readonly TestUser[]): Promise<void> {
  await withDatabase(mongoUri, async (db) => {
    await db.collection<UserDocument>('users').insertMany(users.map(userOf));
    await db.collection<SessionDocument>('sessions').insertMany(users.map(sessionOf));
  });
}

async function withDatabase(
  mongoUri: string,
  act: (db: ReturnType<MongoClient['db']>) => Promise<unknown>,
): Promise<void> {
  const client = new MongoClient(mongoUri, { writeConcern: { w: 'majority' } });
  try {
    await act(client.db());
  } finally {
    await client.close();
  }
}

function userOf({ userId }: TestUser): UserDocument {
  const name = userId.slice(-12);
  return {
    _id: userId,
    username: name,
    displayName: name,
    nameKeys: [name],
    avatarId: null,
    // Matches no password.
    passwordHash: '',
    createdAt: Date.now(),
    privacy: { readReceipts: true, lastSeen: true },
    notifications: { previews: true },
    deletedAt: null,
  };
}

function sessionOf({ sessionId, token, userId }: TestUser): SessionDocument {
  const now = Date.now();
  const endsAt = now + 90 * DAY;
  return {
    _id: sessionId,
    userId,
    tokenHash: hashToken(token),
    deviceName: null,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: endsAt,
    endsAt,
    revokedAt: null,
    removeAt: new Date(endsAt),
  };
}
