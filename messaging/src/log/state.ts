import { AppError } from '@parley/common';
import type { ConversationKind, MemberRole } from '@parley/common/contract';

/** A present member, as the log says. */
export interface MemberState {
  readonly userId: string;
  /** `null` in a direct conversation. */
  readonly role: MemberRole | null;
  /** `seq` of the entry that added this member: the first it sees. */
  readonly joinedSeq: number;
  readonly joinedAt: number;
}

/** Who belongs to a conversation and what it is called. Never changed in place. */
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

/** The member `userId` of a state. @throws AppError `not_found` for everybody else, as if there were no conversation */
export function requireMember(state: ConversationState, userId: string): MemberState {
  const member = state.membership.members.get(userId);
  if (member === undefined) throw new AppError('not_found', 'The conversation does not exist');
  return member;
}
