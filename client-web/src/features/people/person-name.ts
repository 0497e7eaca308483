import type { ConversationSummary } from '@parley/client-common';
import type { PublicProfile } from '@parley/common/contract';

import { texts } from '../../texts/index.ts';

/** The display name of a user, otherwise the username. */
export function personName(profile: PublicProfile | null): string {
  if (profile === null) return texts.common.unknownPerson;
  if (profile.deleted) return texts.common.deletedPerson;
  return profile.displayName ?? profile.username ?? texts.common.unknownPerson;
}

/** `@username`, or '' if there is none. */
export function handleOf(profile: PublicProfile | null): string {
  return profile?.username == null ? '' : `@${profile.username}`;
}

/** The name of a conversation: the title of a group, or the name of the other user. */
export function conversationName(
  info: Pick<ConversationSummary, 'kind' | 'title' | 'peer'>,
): string {
  return info.kind === 'group' ? (info.title ?? '') : personName(info.peer);
}
