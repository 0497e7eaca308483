import type { Now } from '@parley/common';

import { RecentWatch } from '../lifecycle/recent-watch.ts';
import type { Logger } from '../logging/logger.ts';
import type { SessionReader, SessionRecord } from './session-repository.ts';

interface RevocationWatchDeps {
  readonly sessions: Pick<SessionReader, 'revokedSince'>;
  readonly now: Now;
  readonly logger: Logger;
  readonly onRevoked: (sessionIds: readonly string[]) => void;
}

/** Asks every 2 s which sessions were revoked: the way that works without Redis. */
export class RevocationWatch extends RecentWatch<SessionRecord> {
  constructor({ logger, now, onRevoked, sessions }: RevocationWatchDeps) {
    super({
      now,
      logger,
      read: (since) => sessions.revokedSince(since),
      keyOf: ({ id }) => id,
      onNews: (revoked) => onRevoked(revoked.map(({ id }) => id)),
      fault: 'Revoked sessions could not be asked for',
    });
  }
}
