import { isDuplicateKey } from '@parley/backend-common';
import { DAY } from '@parley/common';
import type { Collection, Db } from 'mongodb';

/** The bytes that a user announced on one day. */
interface QuotaDocument {
  /** `<user id>:<days since the epoch>`. */
  readonly _id: string;
  readonly bytes: number;
  readonly removeAt: Date;
}

/** Bytes that a user announces at a time. */
export interface Announced {
  readonly userId: string;
  readonly bytes: number;
  /** Milliseconds. */
  readonly at: number;
}

/** Counts announced bytes by user and day (UTC). */
export class QuotaRepository {
  readonly #quotas: Collection<QuotaDocument>;

  constructor(db: Db) {
    this.#quotas = db.collection<QuotaDocument>('attachment_quotas');
  }

  /** Adds bytes to those of the day unless the sum would exceed `most`; returns whether it did. Index `_id_`. */
  async take(announced: Announced, most: number): Promise<boolean> {
    if (announced.bytes > most) return false;
    // The second attempt finds the day's document where a concurrent call inserted it first.
    return (await this.#add(announced, most)) || (await this.#add(announced, most));
  }

  /** Subtracts what was announced for an upload that could not start; index `_id_`. */
  async giveBack({ at, bytes, userId }: Announced): Promise<void> {
    await this.#quotas.updateOne({ _id: keyOf(userId, at) }, { $inc: { bytes: -bytes } });
  }

  async #add({ at, bytes, userId }: Announced, most: number): Promise<boolean> {
    try {
      await this.#quotas.updateOne(
        { _id: keyOf(userId, at), bytes: { $lte: most - bytes } },
        { $inc: { bytes }, $setOnInsert: { removeAt: new Date(at + 2 * DAY) } },
        { upsert: true },
      );
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

function keyOf(userId: string, at: number): string {
  return `${userId}:${Math.floor(at / DAY)}`;
}
