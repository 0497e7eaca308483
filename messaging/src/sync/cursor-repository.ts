import { LIMITS, type Now } from '@parley/common';
import { isDuplicateKey } from '@parley/backend-common';
import type { Collection, Db } from 'mongodb';

/** How far a session of plain clients has acknowledged one conversation. */
interface CursorDocument {
  /** `<sessionId>:<conversationId>`; the id of the marker of a session ends with the colon. */
  _id: string;
  sessionId: string;
  /** Absent in the marker, whose presence means that all cursors of the session are written. */
  conversationId?: string;
  seq: number;
  removeAt: Date;
}

/** Where the replay of a session continues. */
export interface Cursors {
  /** Whether the session has had a plain connection before. */
  readonly isBegun: boolean;
  readonly byConversation: ReadonlyMap<string, number>;
}

/** Reads and writes `cursors`. */
export class CursorRepository {
  readonly #cursors: Collection<CursorDocument>;
  readonly #now: Now;

  constructor(db: Db, now: Now) {
    this.#cursors = db.collection<CursorDocument>('cursors');
    this.#now = now;
  }

  /** The cursors of a session; index `session`. */
  async of(sessionId: string): Promise<Cursors> {
    const found = await this.#cursors.find({ sessionId }).hint('session').toArray();
    const rows = found.flatMap(({ conversationId, seq }) =>
      conversationId === undefined ? [] : [[conversationId, seq] as const],
    );
    return { isBegun: rows.length < found.length, byConversation: new Map(rows) };
  }

  /** The cursors of a session in some conversations; index `_id_`. */
  async findMany(
    sessionId: string,
    conversationIds: readonly string[],
  ): Promise<Map<string, number>> {
    if (conversationIds.length === 0) return new Map();
    const keys = conversationIds.map((conversationId) => keyOf(sessionId, conversationId));
    const found = await this.#cursors.find({ _id: { $in: keys } }).toArray();
    return new Map(found.map(({ _id, seq }) => [_id.slice(sessionId.length + 1), seq]));
  }

  /** The cursor of a session in one conversation; `undefined` if it has none. Index `_id_`. */
  async find(sessionId: string, conversationId: string): Promise<number | undefined> {
    const _id = keyOf(sessionId, conversationId);
    return (await this.#cursors.findOne({ _id }, { projection: { seq: 1 } }))?.seq;
  }

  /**
   * Writes the first cursors of a session, then its marker, and returns the cursors. If another connection of the
   * session began at the same moment, the documents that were written first count.
   */
  async begin(
    sessionId: string,
    seqs: ReadonlyMap<string, number>,
    before: Cursors,
  ): Promise<Cursors> {
    const removeAt = this.#removeAt();
    const rows = [...seqs].map(([conversationId, seq]) => ({
      ...{ _id: keyOf(sessionId, conversationId), sessionId, conversationId, seq, removeAt },
    }));
    const marker = { _id: keyOf(sessionId, ''), sessionId, seq: 0, removeAt };
    // An attempt that was interrupted has left cursors at marks that may have changed since.
    if (before.byConversation.size > 0) await this.#cursors.deleteMany({ sessionId });
    try {
      await this.#cursors.insertMany([...rows, marker]);
      return { isBegun: true, byConversation: seqs };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    if (rows.length > 0) await this.#insert(rows);
    await this.#insert([marker]);
    return this.of(sessionId);
  }

  /** Raises a cursor of a session. Does nothing for a session without cursors. Index `_id_`. */
  async raise(sessionId: string, conversationId: string, seq: number): Promise<void> {
    const marker = await this.#cursors.findOne(
      { _id: keyOf(sessionId, '') },
      { projection: { _id: 1 } },
    );
    if (marker !== null) await this.advance(sessionId, conversationId, seq);
  }

  /** Raises a cursor of a session that has cursors. Index `_id_`. */
  async advance(sessionId: string, conversationId: string, seq: number): Promise<void> {
    await this.#cursors.updateOne(
      { _id: keyOf(sessionId, conversationId) },
      { $max: { seq }, $setOnInsert: { sessionId, conversationId, removeAt: this.#removeAt() } },
      { upsert: true },
    );
  }

  async #insert(rows: readonly CursorDocument[]): Promise<void> {
    try {
      await this.#cursors.insertMany(rows, { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  #removeAt(): Date {
    return new Date(this.#now() + LIMITS.sessionMax);
  }
}

function keyOf(sessionId: string, conversationId: string): string {
  return `${sessionId}:${conversationId}`;
}
