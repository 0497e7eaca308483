import { ChangePoller, type Logger, type PeriodicMetrics } from '@parley/backend-common';
import type { ProfileChange } from '@parley/backend-common/domain';
import type { Now } from '@parley/common';
import type { PublicProfile } from '@parley/common/contract';

/** Who gets a changed profile. */
export interface ProfileRecipients {
  readonly conversationIds: readonly string[];
  /** Users whom the owner of the profile blocks: they do not see that there still is such an account. */
  readonly exceptUserIds: readonly string[];
}

interface ProfileChangeNotifierDeps {
  readonly profiles: { changedSince(since: number): Promise<readonly ProfileChange[]> };
  readonly rooms: { conversationIdsOf(userId: string): Promise<readonly string[]> };
  /** The users whom each of these users blocks. */
  readonly blockedBy: (userIds: readonly string[]) => Promise<Map<string, ReadonlySet<string>>>;
  /** Sends the profile once to every socket of this node that is in the room of one of the conversations. */
  readonly send: (profile: PublicProfile, to: ProfileRecipients) => void;
  readonly now: Now;
  readonly metrics: PeriodicMetrics;
  readonly logger: Logger;
}

/**
 * Sends changed profiles to the users who share a conversation with their owner, within 2 s. Each node polls the
 * database and notifies its own sockets, so that it needs neither Redis nor the auth service.
 */
export class ProfileChangeNotifier extends ChangePoller<ProfileChange> {
  constructor({
    blockedBy,
    logger,
    metrics,
    now,
    profiles,
    rooms,
    send,
  }: ProfileChangeNotifierDeps) {
    super({
      name: 'poll_profiles',
      now,
      metrics,
      logger,
      read: (since) => profiles.changedSince(since),
      keyOf: ({ changedAt, profile }) => `${profile.id}:${String(changedAt)}`,
      async onChanges(changes) {
        const userIds = changes.map(({ profile }) => profile.id);
        const [conversations, blocked] = await Promise.all([
          Promise.all(userIds.map((userId) => rooms.conversationIdsOf(userId))),
          blockedBy(userIds),
        ]);
        for (const [index, { profile }] of changes.entries()) {
          const conversationIds = conversations[index] ?? [];
          send(profile, { conversationIds, exceptUserIds: [...(blocked.get(profile.id) ?? [])] });
        }
      },
      fault: 'Changed profiles could not be published',
    });
  }
}
