import { isDuplicateKey } from '@parley/backend-common';
import { LIMITS } from '@parley/common';
import type { Platform } from '@parley/common/contract';
import type { Collection, Db } from 'mongodb';

/** A device that receives pushes. */
export interface DeviceDocument {
  _id: string;
  userId: string;
  /** The session that registered it, and with which it is removed; unique. */
  sessionId: string;
  /** Its registration token at Firebase; unique. Never sent to clients or logged. */
  token: string;
  platform: Platform;
  /** 0 to 9; unique with `userId`, so that concurrent registrations cannot exceed ten devices. */
  slot: number;
  createdAt: number;
}

/** A device to be stored. */
export type NewDevice = Omit<DeviceDocument, 'slot'>;

/** The result of one attempt to store a device. `contended`: a concurrent registration took the token or the slot. */
export type Stored =
  | { readonly kind: 'stored'; readonly device: DeviceDocument }
  | { readonly kind: 'full' | 'contended' };

/** Reads and writes `devices`. */
export class DeviceRepository {
  readonly #devices: Collection<DeviceDocument>;

  constructor(db: Db) {
    this.#devices = db.collection<DeviceDocument>('devices');
  }

  /** The devices of users, at most ten each; index `user`. */
  ofUsers(userIds: readonly string[]): Promise<DeviceDocument[]> {
    return this.#devices
      .find({ userId: { $in: [...userIds] } })
      .hint('user')
      .toArray();
  }

  /** Those of the users who have a device; covered by index `user`. */
  async usersWithDevice(userIds: readonly string[]): Promise<Set<string>> {
    const found = await this.#devices
      .find({ userId: { $in: [...userIds] } }, { projection: { _id: 0, userId: 1 } })
      .hint('user')
      .toArray();
    return new Set(found.map(({ userId }) => userId));
  }

  /**
   * Tries once to store a device in place of the earlier one of its session. A device of another session with the same
   * token is removed. Indexes `user`, `token`, `session`.
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

  /** Removes the device of a session; with `token`, only if it has that token. Index `session`. */
  async removeOfSession(sessionId: string, token?: string): Promise<void> {
    const filter = { sessionId, ...(token === undefined ? {} : { token }) };
    await this.#devices.deleteOne(filter, { hint: 'session' });
  }

  /** Removes the devices of sessions. Returns how many. Index `session`. */
  async removeOfSessions(sessionIds: readonly string[]): Promise<number> {
    const filter = { sessionId: { $in: [...sessionIds] } };
    const { deletedCount } = await this.#devices.deleteMany(filter, { hint: 'session' });
    return deletedCount;
  }

  /** Removes a device whose token is invalid, unless it has a new token. Index `_id_`. */
  async removeInvalid(deviceId: string, token: string): Promise<boolean> {
    const { deletedCount } = await this.#devices.deleteOne({ _id: deviceId, token });
    return deletedCount > 0;
  }

  /** A page of devices with ids after `after`, ordered by id; index `_id_`. */
  async page(after: string, limit: number): Promise<Pick<DeviceDocument, '_id' | 'sessionId'>[]> {
    return this.#devices
      .find({ _id: { $gt: after } }, { projection: { sessionId: 1 } })
      .sort({ _id: 1 })
      .hint('_id_')
      .limit(limit)
      .toArray();
  }

  /** The approximate number of devices, from the metadata of the collection. */
  count(): Promise<number> {
    return this.#devices.estimatedDocumentCount();
  }
}

function freeSlot(taken: readonly DeviceDocument[]): number | undefined {
  const slots = new Set(taken.map(({ slot }) => slot));
  for (let slot = 0; slot < LIMITS.devicesPerUser; slot += 1) if (!slots.has(slot)) return slot;
  return undefined;
}
