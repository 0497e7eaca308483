import { getRandomValues, randomBytes } from 'node:crypto';
import { hashToken, type SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { createIdGenerator, DAY } from '@parley/common';
import { MongoClient } from 'mongodb';

/** A user with a session. */
export interface Person {
  readonly userId: string;
  readonly token: string;
  readonly sessionId: string;
}

/** Writes users and sessions straight into the database: to register them would cost a password hash each. */
export async function createPeople(mongoUri: string, count: number): Promise<Person[]> {
  const newId = createIdGenerator(Date.now, getRandomValues);
  const people = Array.from({ length: count }, () => personOf(newId(), newId()));
  await insert(mongoUri, people);
  return people;
}

/** A further session of a user. */
export async function createSession(mongoUri: string, { userId }: Person): Promise<Person> {
  const session = personOf(userId, createIdGenerator(Date.now, getRandomValues)());
  await withDatabase(mongoUri, (db) =>
    db.collection<SessionDocument>('sessions').insertOne(sessionOf(session)),
  );
  return session;
}

function personOf(userId: string, sessionId: string): Person {
  return { userId, sessionId, token: randomBytes(32).toString('base64url') };
}

async function insert(mongoUri: string, people: readonly Person[]): Promise<void> {
  await withDatabase(mongoUri, async (db) => {
    await db.collection<UserDocument>('users').insertMany(people.map(userOf));
    await db.collection<SessionDocument>('sessions').insertMany(people.map(sessionOf));
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

function userOf({ userId }: Person): UserDocument {
  const name = userId.slice(-12);
  return {
    _id: userId,
    username: name,
    displayName: name,
    nameKey: name,
    avatarId: null,
    // Of no password at all.
    passwordHash: '',
    createdAt: Date.now(),
    privacy: { readReceipts: true, lastSeen: true },
    notifications: { previews: true },
    deletedAt: null,
  };
}

function sessionOf({ sessionId, token, userId }: Person): SessionDocument {
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
