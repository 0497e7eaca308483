import {
  Periodic,
  type Logger,
  type PeriodicMetrics,
  type SessionReader,
} from '@parley/backend-common';
import { MINUTE, type Now } from '@parley/common';

import type { DeviceRepository } from './repository.ts';

interface DeviceSweeperDeps {
  readonly devices: Pick<DeviceRepository, 'page' | 'removeOfSessions'>;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly now: Now;
  readonly periodicMetrics: PeriodicMetrics;
  readonly logger: Logger;
}

/** A wait of 5 to 15 minutes, so that nodes that start together do not sweep together. */
const EVERY = 15 * MINUTE;
const JITTER = 2 / 3;
const PAGE = 500;

/** Removes devices whose session expired, or ended while no node was running. */
export class DeviceSweeper {
  readonly #deps: DeviceSweeperDeps;
  readonly #sweeping: Periodic;

  constructor(deps: DeviceSweeperDeps) {
    this.#deps = deps;
    this.#sweeping = new Periodic({
      ...{ name: 'device_sweep', every: EVERY, jitter: JITTER, metrics: deps.periodicMetrics },
      run: (signal) => this.#sweep(signal),
      onFault: (error) => deps.logger.warn({ err: error }, 'The sweep of devices failed'),
    });
  }

  start(): void {
    this.#sweeping.start();
  }

  /** Waits for the sweep in progress. */
  stop(): Promise<void> {
    return this.#sweeping.stop();
  }

  /** Checks every device once. Never rejects: a failure is logged, and the next sweep retries. */
  run(): Promise<void> {
    return this.#sweeping.runNow();
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { devices } = this.#deps;
    for (let after = ''; !signal.aborted;) {
      const page = await devices.page(after, PAGE);
      const ended = await this.#ended(page.map(({ sessionId }) => sessionId));
      if (ended.length > 0) await devices.removeOfSessions(ended);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last._id;
    }
  }

  async #ended(sessionIds: readonly string[]): Promise<string[]> {
    const { now, sessions } = this.#deps;
    const found = await Promise.all(sessionIds.map((id) => sessions.byId(id)));
    return sessionIds.filter((_, index) => !isLive(found[index] ?? null, now()));
  }
}

/** Whether a session is neither revoked nor expired, so that its device may receive pushes. */
export function isLive(
  session: { readonly revokedAt: number | null; readonly expiresAt: number } | null,
  now: number,
): boolean {
  return session !== null && session.revokedAt === null && session.expiresAt > now;
}
