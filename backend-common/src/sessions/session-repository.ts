import { createHash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';

import { BatchLoader } from '../mongo/batch-loader.ts';
import { readPage } from '../mongo/read-page.ts';

/** A session as it is stored. Auth alone writes it; every service may read it. */
export interface SessionDocument {
  _id: string;
  userId: string;
  /** SHA-256 of the token, base64url. The token itself is not stored. */
  tokenHash: string;
  deviceName: string | null;
  createdAt: number;
  lastSeenAt: number;
  /** When it ends if it is not used. */
  expiresAt: number;
  /** When it ends however much it is used. */
  endsAt: number;
  revokedAt: number | null;
  /** When MongoDB removes the document (TTL): a revoked session stays readable for a while. */
  removeAt: Date;
}

/** The part of a session that services verify. */
export interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

const PROJECTION = { userId: 1, expiresAt: 1, revokedAt: 1 } as const;

/** Sessions in one query: bounds its answer when thousands of clients reconnect at once. */
const BATCH = 500;
/** Look-ups that wait for an answer of the database; more are refused, because their clients have given up by then. */
const WAITING_AT_MOST = 10_000;

type StoredSession = Pick<
  SessionDocument,
  '_id' | 'userId' | 'expiresAt' | 'revokedAt' | 'tokenHash'
>;

/** The name under which a session token is stored. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Reads sessions; reads at the same time share a query. */
export class SessionReader {
  readonly #db: Db;
  readonly #sessions: Collection<SessionDocument>;
  readonly #byTokenHash = new BatchLoader<SessionRecord>({
    maxBatchSize: BATCH,
    waitingAtMost: WAITING_AT_MOST,
    read: (hashes) => this.#read('tokenHash', hashes),
  });
  readonly #byId = new BatchLoader<SessionRecord>({
    maxBatchSize: BATCH,
    waitingAtMost: WAITING_AT_MOST,
    read: (ids) => this.#read('_id', ids),
  });

  constructor(db: Db) {
    this.#db = db;
    this.#sessions = db.collection<SessionDocument>('sessions');
  }

  /** By token hash; index `token`. */
  async byTokenHash(tokenHash: string): Promise<SessionRecord | null> {
    return (await this.#byTokenHash.load(tokenHash)) ?? null;
  }

  /** By id; index `_id_`. */
  async byId(id: string): Promise<SessionRecord | null> {
    return (await this.#byId.load(id)) ?? null;
  }

  /** Sessions revoked at or after `since` (milliseconds); index `revoked`. */
  async revokedSince(since: number): Promise<SessionRecord[]> {
    const found = await this.#sessions
      .find({ revokedAt: { $gte: since } }, { projection: PROJECTION })
      .toArray();
    return found.map(toRecord);
  }

  async #read(
    field: '_id' | 'tokenHash',
    keys: readonly string[],
  ): Promise<Map<string, SessionRecord>> {
    const found = await readPage<StoredSession>(this.#db, {
      collection: this.#sessions.collectionName,
      filter: { [field]: { $in: [...keys] } },
      projection: { ...PROJECTION, tokenHash: 1 },
      limit: keys.length,
    });
    return new Map(found.map((document) => [document[field], toRecord(document)]));
  }
}

function toRecord({
  _id: id,
  userId,
  expiresAt,
  revokedAt,
}: Omit<StoredSession, 'tokenHash'>): SessionRecord {
  return { id, userId, expiresAt, revokedAt };
}
