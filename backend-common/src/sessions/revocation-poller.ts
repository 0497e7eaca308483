import { ChangePoller, type ChangePollerDeps } from '../work/change-poller.ts';
import type { SessionReader, SessionRecord } from './session-repository.ts';

interface RevocationPollerDeps extends Pick<
  ChangePollerDeps<SessionRecord>,
  'now' | 'metrics' | 'logger'
> {
  readonly sessions: Pick<SessionReader, 'revokedSince'>;
  readonly onRevoked: (sessionIds: readonly string[]) => void;
}

/** Reads every 2 s which sessions were revoked: notification that works without Redis. */
export class RevocationPoller extends ChangePoller<SessionRecord> {
  constructor({ onRevoked, sessions, ...deps }: RevocationPollerDeps) {
    super({
      ...deps,
      name: 'poll_revocations',
      read: (since) => sessions.revokedSince(since),
      keyOf: ({ id }) => id,
      onChanges: (revoked) => onRevoked(revoked.map(({ id }) => id)),
      fault: 'Revoked sessions could not be read',
    });
  }
}
