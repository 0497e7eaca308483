import type { Logger, SessionReader } from '@parley/backend-common';
import { MINUTE, type Now } from '@parley/common';

import type { DeviceRepository } from './repository.ts';

interface DeviceSweeperDeps {
  readonly devices: Pick<DeviceRepository, 'page' | 'removeOfSessions'>;
  readonly sessions: Pick<SessionReader, 'byId'>;
  readonly now: Now;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

const EVERY = 10 * MINUTE;
const PAGE = 500;

/** Removes devices whose session ran out, or ended while no node was there to hear of it. */
export class DeviceSweeper {
  readonly #deps: DeviceSweeperDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: DeviceSweeperDeps) {
    this.#deps = deps;
  }

  start(): void {
    // Nodes that start together do not sweep together.
    this.#timer = setTimeout(
      () => {
        void this.sweep().finally(() => this.start());
      },
      EVERY * (0.5 + this.#deps.random()),
    ).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Looks at every device once. A failure is logged, and the next sweep looks again. */
  async sweep(): Promise<void> {
    const { devices, logger } = this.#deps;
    try {
      for (let after = ''; ;) {
        const page = await devices.page(after, PAGE);
        const ended = await this.#ended(page.map(({ sessionId }) => sessionId));
        if (ended.length > 0) await devices.removeOfSessions(ended);
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        after = last._id;
      }
    } catch (error) {
      logger.warn({ err: error }, 'Devices could not be compared with sessions');
    }
  }

  async #ended(sessionIds: readonly string[]): Promise<string[]> {
    const { now, sessions } = this.#deps;
    const found = await Promise.all(sessionIds.map((id) => sessions.byId(id)));
    return sessionIds.filter((_, index) => !isLive(found[index] ?? null, now()));
  }
}

/** Whether a session may still be pushed to. */
export function isLive(
  session: { readonly revokedAt: number | null; readonly expiresAt: number } | null,
  now: number,
): boolean {
  return session !== null && session.revokedAt === null && session.expiresAt > now;
}
