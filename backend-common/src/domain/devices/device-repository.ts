import type { Collection, Db } from 'mongodb';

/** Counts the devices that receive pushes. Only messaging writes them. */
export class DeviceCounter {
  readonly #devices: Collection<{ userId: string }>;

  constructor(db: Db) {
    this.#devices = db.collection('devices');
  }

  /** The number of devices of a user; index `user`. */
  of(userId: string): Promise<number> {
    return this.#devices.countDocuments({ userId });
  }
}
