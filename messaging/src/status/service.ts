import { AppError, LIMITS, type Now } from '@parley/common';
import type { OperationInput, Status } from '@parley/common/contract';

import type { NewsTeller } from '../partners/news-teller.ts';
import type { Standing, StatusRepository } from './repository.ts';

interface StatusServiceDeps {
  readonly statuses: Pick<StatusRepository, 'find' | 'set'>;
  readonly teller: Pick<NewsTeller, 'tell'>;
  readonly newId: () => string;
  readonly now: Now;
}

/** Of whoever has never said anything. */
const FIRST: Status = { status: 'AVAILABLE', statusExpiration: null, timestamp: 0 };

/** What people say of themselves. */
export class StatusService {
  readonly #deps: StatusServiceDeps;

  constructor(deps: StatusServiceDeps) {
    this.#deps = deps;
  }

  /** The status of a person. */
  async get(userId: string): Promise<Status> {
    return toStatus(await this.#deps.statuses.find(userId));
  }

  /**
   * Changes the own status and tells the partner and the own devices.
   * @throws AppError `invalid_input` where it is to end in less than a second or more than 30 days
   */
  async set(userId: string, input: OperationInput<'status:set'>): Promise<Status> {
    const { newId, now, statuses, teller } = this.#deps;
    requireWithinReach(input.statusExpiration, now());
    const changed = await statuses.set(userId, input, newId());
    teller.tell([changed]);
    return toStatus(changed);
  }
}

/** What others see of a person's standing. */
export function toStatus(standing: Standing | null): Status {
  if (standing === null) return FIRST;
  const { status, statusExpiration, timestamp } = standing;
  return { status, statusExpiration, timestamp };
}

function requireWithinReach(expiration: number | null, now: number): void {
  if (expiration === null) return;
  const ahead = expiration - now;
  if (ahead >= LIMITS.statusEndsMin && ahead <= LIMITS.statusEndsMax) return;
  const issues = [{ path: 'statusExpiration', message: 'Must be 1 s to 30 days ahead' }];
  throw new AppError('invalid_input', 'The status cannot end then', { issues });
}
