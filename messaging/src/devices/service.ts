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

/** Others may take the token, the session or the slot in the same moment; each try begins anew. */
const TRIES = 8;

/** Knows to which devices pushes are sent. */
export class DeviceService {
  readonly #deps: DeviceServiceDeps;

  constructor(deps: DeviceServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Makes this the device of the caller's session. A token that was another's moves here, and the session's earlier
   * one is forgotten.
   * @throws AppError `limit_reached` beyond ten devices, `unavailable`
   */
  async register(
    { platform, token }: OperationInput<'device:register'>,
    { sessionId, userId }: Caller,
  ): Promise<Device> {
    const { devices, newId, now } = this.#deps;
    const wanted = { _id: newId(), userId, sessionId, token, platform, createdAt: now() };
    for (let tries = 0; tries < TRIES; tries += 1) {
      const stored = await devices.put(wanted);
      if (stored.kind === 'stored') return toDevice(stored.device);
      if (stored.kind === 'full') {
        throw new AppError('limit_reached', `At most ${LIMITS.devicesPerUser} devices`);
      }
    }
    throw new AppError('unavailable', 'The device could not be stored');
  }

  /** Forgets the device of the caller's session; with a token, only if it is that one. */
  async remove(token: string | undefined, { sessionId }: Caller): Promise<void> {
    await this.#deps.devices.removeOfSession(sessionId, token);
  }

  /** Sessions have ended, and their devices with them. Never throws: who sends asks for the session again. */
  async end(sessionIds: readonly string[]): Promise<void> {
    const { devices, logger } = this.#deps;
    try {
      const removed = await devices.removeOfSessions(sessionIds);
      if (removed > 0) logger.info({ removed }, 'Devices went with their sessions');
    } catch (error) {
      logger.warn({ err: error }, 'Devices of ended sessions were not removed');
    }
  }
}

function toDevice({ _id: id, createdAt, platform }: DeviceDocument): Device {
  return { id, platform, createdAt };
}
