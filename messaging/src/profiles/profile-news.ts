import { ChangePoller, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import type { ProfileChange } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';
import type { PublicProfile } from '@parley/common/contract';

interface ProfileNewsDeps {
  readonly profiles: { changedSince(since: number): Promise<readonly ProfileChange[]> };
  readonly rooms: {
    conversationIdsOf(userIds: readonly string[]): Promise<Map<string, readonly string[]>>;
  };
  /** Tells every socket of this node that hears one of the conversations, once. */
  readonly tell: (conversationIds: readonly string[], profile: PublicProfile) => void;
  readonly now: Now;
  readonly metrics: PeriodicMetrics;
  readonly logger: Logger;
}

/**
 * Tells who shares a conversation with a person what that person is called now, within 2 s. Each node asks the
 * database and tells its own sockets, so it needs neither Redis nor the auth service.
 */
export class ProfileNews extends ChangePoller<ProfileChange> {
  constructor({ logger, metrics, now, profiles, rooms, tell }: ProfileNewsDeps) {
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
        for (const { profile } of changes) tell(conversations.get(profile.id) ?? [], profile);
      },
      fault: 'Changed profiles could not be published',
    });
  }
}
