import { RecentWatch, type Logger } from '@parley/backend-common';
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
  readonly logger: Logger;
}

/**
 * Tells who shares a conversation with a person what that person is called now, within 2 s. Each node asks the
 * database and tells its own sockets, so it needs neither Redis nor the auth service.
 */
export class ProfileNews extends RecentWatch<ProfileChange> {
  constructor({ logger, now, profiles, rooms, tell }: ProfileNewsDeps) {
    super({
      now,
      logger,
      read: (since) => profiles.changedSince(since),
      keyOf: ({ changedAt, profile }) => `${profile.id}:${String(changedAt)}`,
      async onNews(changes) {
        const conversations = await rooms.conversationIdsOf(
          changes.map(({ profile }) => profile.id),
        );
        for (const { profile } of changes) tell(conversations.get(profile.id) ?? [], profile);
      },
      fault: 'Changed profiles could not be told',
    });
  }
}
