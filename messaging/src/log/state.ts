import { AppError } from '@parley/common';
import type { ConversationKind, MemberRole } from '@parley/common/contract';

/** A current member, according to the log. */
export interface MemberState {
  readonly userId: string;
  /** `null` in direct conversations. */
  readonly role: MemberRole | null;
  /** `seq` of the entry that added this member, the first that it sees. */
  readonly joinedSeq: number;
  readonly joinedAt: number;
}

/** The members and the title of a conversation. Immutable. */
export interface Membership {
  readonly kind: ConversationKind;
  readonly title: string | null;
  readonly members: ReadonlyMap<string, MemberState>;
  /** `seq` of the newest entry that changed it. */
  readonly version: number;
}

/** The log of a conversation, folded up to exactly `seq`. */
export interface ConversationState {
  readonly conversationId: string;
  readonly seq: number;
  readonly membership: Membership;
}

/** The member `userId` of a state. @throws AppError `not_found` for other users, as if the conversation did not exist */
export function requireMember(state: ConversationState, userId: string): MemberState {
  const member = state.membership.members.get(userId);
  if (member === undefined) throw new AppError('not_found', 'The conversation does not exist');
  return member;
}
