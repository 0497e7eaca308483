import type { Logger, Redis } from '@parley/backend-common';
import { Emitter } from '@socket.io/redis-emitter';

/** The event that the messaging nodes listen to: `io.on('session:revoked', (sessionIds) => …)`. */
const SESSION_REVOKED = 'session:revoked';

/** Notifies other services at once of revoked sessions. It may be lost: they also poll every two seconds. */
export interface RevocationAnnouncer {
  announce(sessionIds: readonly string[]): void;
}

/** Notifies every messaging node through Redis; never fails and never waits. */
export class RedisAnnouncer implements RevocationAnnouncer {
  readonly #emitter: Emitter;

  constructor(deps: { readonly redis: Redis; readonly logger: Logger }) {
    const { logger, redis } = deps;
    // The emitter drops the promise of its client, so a failure must end here.
    const publish = (channel: string, message: string | Buffer) =>
      redis.publish(channel, message).catch((error: unknown) => {
        logger.warn({ err: error }, 'Revoked sessions could not be announced through Redis');
      });
    this.#emitter = new Emitter({ publish });
  }

  announce(sessionIds: readonly string[]): void {
    this.#emitter.serverSideEmit(SESSION_REVOKED, [...sessionIds]);
  }
}

/** Does nothing, if there is no Redis. */
export const silentAnnouncer: RevocationAnnouncer = { announce: () => undefined };
