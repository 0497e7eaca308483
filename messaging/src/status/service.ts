import { AppError, LIMITS, type Now } from '@parley/common';
import type { OperationInput, Status } from '@parley/common/contract';

import type { PartnerEventSender } from './partner-event-sender.ts';
import type { StatusRepository, UserStatus } from './repository.ts';

interface StatusServiceDeps {
  readonly statuses: Pick<StatusRepository, 'find' | 'set'>;
  readonly sender: Pick<PartnerEventSender, 'send'>;
  readonly newId: () => string;
  readonly now: Now;
}

/** The status of a user who has never set one. */
const INITIAL: Status = { status: 'AVAILABLE', statusExpiration: null, timestamp: 0 };

/** Reads and changes the status that users set for themselves. */
export class StatusService {
  readonly #deps: StatusServiceDeps;

  constructor(deps: StatusServiceDeps) {
    this.#deps = deps;
  }

  /** The status of a user. */
  async get(userId: string): Promise<Status> {
    return toStatus(await this.#deps.statuses.find(userId));
  }

  /**
   * Changes the status of a user and notifies the partner and the user's own devices.
   * @throws AppError `invalid_input` unless the status expires in 1 s to 30 days, or never
   */
  async set(userId: string, input: OperationInput<'status:set'>): Promise<Status> {
    const { newId, now, sender, statuses } = this.#deps;
    requireAllowedExpiration(input.statusExpiration, now());
    const changed = await statuses.set(userId, input, newId());
    sender.send([changed]);
    return toStatus(changed);
  }
}

/** The part of a stored status that clients receive. */
export function toStatus(stored: UserStatus | null): Status {
  if (stored === null) return INITIAL;
  const { status, statusExpiration, timestamp } = stored;
  return { status, statusExpiration, timestamp };
}

function requireAllowedExpiration(expiration: number | null, now: number): void {
  if (expiration === null) return;
  const ahead = expiration - now;
  if (ahead >= LIMITS.statusEndsMin && ahead <= LIMITS.statusEndsMax) return;
  const issues = [{ path: 'statusExpiration', message: 'Must be 1 s to 30 days ahead' }];
  throw new AppError('invalid_input', 'The status expires too early or too late', { issues });
}
