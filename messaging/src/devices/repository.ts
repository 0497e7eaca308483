import { isDuplicateKey } from '@parley/backend-common';
import { LIMITS } from '@parley/common';
import type { Platform } from '@parley/common/contract';
import type { Collection, Db } from 'mongodb';

/** A device that pushes are sent to. */
export interface DeviceDocument {
  _id: string;
  userId: string;
  /** The log-in it belongs to, and dies with; unique. */
  sessionId: string;
  /** What Firebase calls it; unique. Never answered nor logged. */
  token: string;
  platform: Platform;
  /** One of as many as a person may have; unique with `userId`, so that no race makes one more. */
  slot: number;
  createdAt: number;
}

/** A device to be stored. */
export type NewDevice = Omit<DeviceDocument, 'slot'>;

/** What became of one try to store a device: somebody else may have stored one in the same moment. */
export type Stored =
  | { readonly kind: 'stored'; readonly device: DeviceDocument }
  | { readonly kind: 'full' | 'contended' };

/** Reads and writes `devices`. */
export class DeviceRepository {
  readonly #devices: Collection<DeviceDocument>;

  constructor(db: Db) {
    this.#devices = db.collection<DeviceDocument>('devices');
  }

  /** Devices of people; index `user`. At most ten each. */
  ofUsers(userIds: readonly string[]): Promise<DeviceDocument[]> {
    return this.#devices
      .find({ userId: { $in: [...userIds] } })
      .hint('user')
      .toArray();
  }

  /** Which of these people have a device; covered by index `user`. */
  async usersWithDevice(userIds: readonly string[]): Promise<Set<string>> {
    const found = await this.#devices
      .find({ userId: { $in: [...userIds] } }, { projection: { _id: 0, userId: 1 } })
      .hint('user')
      .toArray();
    return new Set(found.map(({ userId }) => userId));
  }

  /**
   * Tries once to make a device the one of its session, and the one of its token. What the token belonged to before,
   * whose ever it was, goes. Indexes `user`, `token`, `session`.
   */
  async put(wanted: NewDevice): Promise<Stored> {
    const { platform, sessionId, token, userId } = wanted;
    const present = await this.ofUsers([userId]);
    const others = present.filter((one) => one.token !== token && one.sessionId !== sessionId);
    const slot = freeSlot(others);
    if (slot === undefined) return { kind: 'full' };
    try {
      await this.#devices.deleteOne({ token, sessionId: { $ne: sessionId } }, { hint: 'token' });
      const renewed = await this.#devices.findOneAndUpdate(
        { sessionId },
        { $set: { token, platform } },
        { returnDocument: 'after', hint: { sessionId: 1 } },
      );
      if (renewed !== null) return { kind: 'stored', device: renewed };
      const device = { ...wanted, slot };
      await this.#devices.insertOne(device);
      return { kind: 'stored', device };
    } catch (error) {
      if (isDuplicateKey(error)) return { kind: 'contended' };
      throw error;
    }
  }

  /** Removes the device of a session, if it has that token where one is given; index `session`. */
  async removeOfSession(sessionId: string, token?: string): Promise<void> {
    const filter = { sessionId, ...(token === undefined ? {} : { token }) };
    await this.#devices.deleteOne(filter, { hint: 'session' });
  }

  /** Removes the devices of sessions that have ended; answers how many. Index `session`. */
  async removeOfSessions(sessionIds: readonly string[]): Promise<number> {
    const filter = { sessionId: { $in: [...sessionIds] } };
    const { deletedCount } = await this.#devices.deleteMany(filter, { hint: 'session' });
    return deletedCount;
  }

  /** Removes a device if it still has the token that Firebase no longer knows. Index `_id_`. */
  async removeDead(deviceId: string, token: string): Promise<boolean> {
    const { deletedCount } = await this.#devices.deleteOne({ _id: deviceId, token });
    return deletedCount > 0;
  }

  /** Sessions with a device, by device id, after `after`; index `_id_`. */
  async page(after: string, limit: number): Promise<Pick<DeviceDocument, '_id' | 'sessionId'>[]> {
    return this.#devices
      .find({ _id: { $gt: after } }, { projection: { sessionId: 1 } })
      .sort({ _id: 1 })
      .hint('_id_')
      .limit(limit)
      .toArray();
  }

  /** How many there are, about; taken from what the collection knows of itself. */
  count(): Promise<number> {
    return this.#devices.estimatedDocumentCount();
  }
}

function freeSlot(taken: readonly DeviceDocument[]): number | undefined {
  const slots = new Set(taken.map(({ slot }) => slot));
  for (let slot = 0; slot < LIMITS.devicesPerUser; slot += 1) if (!slots.has(slot)) return slot;
  return undefined;
}
