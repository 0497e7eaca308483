import { getRandomValues, randomBytes } from 'node:crypto';
import { startAuth } from '@parley/auth';
import { hashToken, type SessionDocument } from '@parley/backend-common';
import type { UserDocument } from '@parley/backend-common/domain';
import { createIdGenerator, DAY, SECOND } from '@parley/common';
import { MongoClient } from 'mongodb';

import { type BenchUser } from './generator/target.ts';
import { type UsersOfExpiry } from './job.ts';

/** The environment variables of the services of one installation. */
export type ServiceEnvironment = Readonly<Record<string, string>>;

/** The environment of an installation with its own database and without rate limits. */
export function parleyEnvironment(mongoUri: string): ServiceEnvironment {
  return {
    MONGODB_URI: mongoUri,
    HOST: '127.0.0.1',
    PORT: '0',
    METRICS_PORT: '0',
    PARLEY_SECRET: randomBytes(32).toString('base64url'),
    PARLEY_RATE_LIMITS: 'off',
  };
}

/**
 * Runs auth's migrations, then writes users and sessions directly into the database: registration would spend minutes
 * on hashing passwords that nobody uses.
 */
export async function createUsers(env: ServiceEnvironment, count: number): Promise<BenchUser[]> {
  const auth = await startAuth({ ...env, PARLEY_LOG_LEVEL: 'silent' });
  await auth.close();
  const newId = createIdGenerator(Date.now, getRandomValues);
  const users = Array.from({ length: count }, () => ({
    id: newId(),
    token: randomBytes(32).toString('base64url'),
  }));
  const client = new MongoClient(env['MONGODB_URI'] ?? '');
  try {
    const db = client.db();
    const now = Date.now();
    await db
      .collection<UserDocument>('users')
      .insertMany(users.map((user, index) => userDocument(user, index, now)));
    await db
      .collection<SessionDocument>('sessions')
      .insertMany(users.map(({ id, token }) => session({ id: newId(), userId: id, token, now })));
  } finally {
    await client.close();
  }
  return users;
}

/**
 * Writes statuses that end within the second after `expiresAt` (milliseconds), and links the first of their users with
 * the watching partners. The documents are those that messaging would write.
 */
export async function setStatuses(
  uri: string,
  { expiring, watching }: UsersOfExpiry,
  expiresAt: number,
): Promise<void> {
  const now = Date.now();
  const statuses = expiring.map(({ id }, index) => ({
    ...{ _id: id, status: 'BUSY', timestamp: now },
    endsAt: new Date(expiresAt + (index % SECOND)),
    ...linkedWith(watching[index], now),
  }));
  const others = watching.map(({ id }, index) => ({
    ...{ _id: id, status: 'AVAILABLE', timestamp: now },
    ...linkedWith(expiring[index], now),
  }));
  const client = new MongoClient(uri);
  try {
    await client
      .db()
      .collection<{ _id: string }>('statuses')
      .insertMany([...statuses, ...others]);
  } finally {
    await client.close();
  }
}

function linkedWith(partner: BenchUser | undefined, linkedAt: number): object {
  return partner === undefined ? {} : { partnerId: partner.id, linkedAt };
}

function userDocument({ id }: BenchUser, index: number, now: number): UserDocument {
  return {
    _id: id,
    username: `bench-${index}`,
    displayName: `Bench ${index}`,
    nameKeys: [`bench ${index}`],
    avatarId: null,
    // Not the hash of any password.
    passwordHash: '',
    createdAt: now,
    privacy: { readReceipts: true, lastSeen: true },
    notifications: { previews: true },
    deletedAt: null,
  };
}

function session(of: { id: string; userId: string; token: string; now: number }): SessionDocument {
  const endsAt = of.now + DAY;
  return {
    _id: of.id,
    userId: of.userId,
    tokenHash: hashToken(of.token),
    deviceName: null,
    createdAt: of.now,
    lastSeenAt: of.now,
    expiresAt: endsAt,
    endsAt,
    revokedAt: null,
    removeAt: new Date(endsAt),
  };
}
