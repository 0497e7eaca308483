import { createHash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';

/** A session as it is stored. Auth alone writes it; every service may read it. */
export interface SessionDocument {
  _id: string;
  userId: string;
  /** SHA-256 of the token, base64url. The token itself is nowhere. */
  tokenHash: string;
  deviceName: string | null;
  createdAt: number;
  lastSeenAt: number;
  /** When it ends if nobody uses it. */
  expiresAt: number;
  /** When it ends whatever happens. */
  endsAt: number;
  revokedAt: number | null;
  /** When the document leaves (TTL): a revoked session stays readable for a while. */
  removeAt: Date;
}

/** What the services need to know of a session. */
export interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

const PROJECTION = { userId: 1, expiresAt: 1, revokedAt: 1 };

/** The name under which a session token is stored. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Reads sessions. */
export class SessionReader {
  readonly #sessions: Collection<SessionDocument>;

  constructor(db: Db) {
    this.#sessions = db.collection<SessionDocument>('sessions');
  }

  /** By token hash; index `token`. */
  async byTokenHash(tokenHash: string): Promise<SessionRecord | null> {
    return toRecord(await this.#sessions.findOne({ tokenHash }, { projection: PROJECTION }));
  }

  /** By id; index `_id_`. */
  async byId(id: string): Promise<SessionRecord | null> {
    return toRecord(await this.#sessions.findOne({ _id: id }, { projection: PROJECTION }));
  }

  /** Sessions revoked at or after `since` (milliseconds); index `revoked`. */
  async revokedSince(since: number): Promise<SessionRecord[]> {
    const found = await this.#sessions
      .find({ revokedAt: { $gte: since } }, { projection: PROJECTION })
      .toArray();
    return found.flatMap((document) => toRecord(document) ?? []);
  }
}

function toRecord(
  document: Pick<SessionDocument, '_id' | 'userId' | 'expiresAt' | 'revokedAt'> | null,
): SessionRecord | null {
  if (document === null) return null;
  const { _id: id, userId, expiresAt, revokedAt } = document;
  return { id, userId, expiresAt, revokedAt };
}
