import { ChangePoller, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import type { ProfileChange } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';
import type { PublicProfile } from '@parley/common/contract';

interface ProfileChangeNotifierDeps {
  readonly profiles: { changedSince(since: number): Promise<readonly ProfileChange[]> };
  readonly rooms: {
    conversationIdsOf(userIds: readonly string[]): Promise<Map<string, readonly string[]>>;
  };
  /** Sends the profile once to every socket of this node that is in the room of one of the conversations. */
  readonly send: (conversationIds: readonly string[], profile: PublicProfile) => void;
  readonly now: Now;
  readonly metrics: PeriodicMetrics;
  readonly logger: Logger;
}

/**
 * Sends changed profiles to the users who share a conversation with their owner, within 2 s. Each node polls the
 * database and notifies its own sockets, so that it needs neither Redis nor the auth service.
 */
export class ProfileChangeNotifier extends ChangePoller<ProfileChange> {
  constructor({ logger, metrics, now, profiles, rooms, send }: ProfileChangeNotifierDeps) {
    super({
      name: 'poll_profiles',
      now,
      metrics,
      logger,
      read: (since) => profiles.changedSince(since),
      keyOf: ({ changedAt, profile }) => `${profile.id}:${String(changedAt)}`,
      async onChanges(changes) {
        const conversations = await rooms.conversationIdsOf(
          changes.map(({ profile }) => profile.id),
        );
        for (const { profile } of changes) send(conversations.get(profile.id) ?? [], profile);
      },
      fault: 'Changed profiles could not be published',
    });
  }
}
