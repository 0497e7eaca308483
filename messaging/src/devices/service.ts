import type { Caller, Logger } from '@parley/backend-common';
import { AppError, LIMITS, type Now } from '@parley/common';
import type { Device, OperationInput } from '@parley/common/contract';

import type { DeviceDocument, DeviceRepository } from './repository.ts';

interface DeviceServiceDeps {
  readonly devices: DeviceRepository;
  readonly newId: () => string;
  readonly now: Now;
  readonly logger: Logger;
}

/** A concurrent registration may take the token, the session or the slot; then the whole attempt is repeated. */
const ATTEMPTS = 8;

/** Registers the devices that receive pushes. */
export class DeviceService {
  readonly #deps: DeviceServiceDeps;

  constructor(deps: DeviceServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Registers the device of the caller's session in place of its earlier one. A token that was registered by another
   * session moves to this one.
   * @throws AppError `limit_reached` above ten devices, `unavailable` after eight concurrent registrations
   */
  async register(
    { platform, token }: OperationInput<'device:register'>,
    { sessionId, userId }: Caller,
  ): Promise<Device> {
    const { devices, newId, now } = this.#deps;
    const wanted = { _id: newId(), userId, sessionId, token, platform, createdAt: now() };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const stored = await devices.put(wanted);
      if (stored.kind === 'stored') return toDevice(stored.device);
      if (stored.kind === 'full') {
        throw new AppError(
          'limit_reached',
          `You can register at most ${LIMITS.devicesPerUser} devices`,
        );
      }
    }
    throw new AppError(
      'unavailable',
      'The device was not stored because of concurrent registrations',
    );
  }

  /** Removes the device of the caller's session; with `token`, only if it has that token. */
  async remove(token: string | undefined, { sessionId }: Caller): Promise<void> {
    await this.#deps.devices.removeOfSession(sessionId, token);
  }

  /** Removes the devices of ended sessions. Never rejects: the push worker checks the session of each device again. */
  async end(sessionIds: readonly string[]): Promise<void> {
    const { devices, logger } = this.#deps;
    try {
      const removed = await devices.removeOfSessions(sessionIds);
      if (removed > 0) logger.info({ removed }, 'Devices of ended sessions were removed');
    } catch (error) {
      logger.warn({ err: error }, 'Devices of ended sessions were not removed');
    }
  }
}

function toDevice({ _id: id, createdAt, platform }: DeviceDocument): Device {
  return { id, platform, createdAt };
}
