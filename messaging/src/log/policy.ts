import { AppError, LIMITS } from '@parley/common';

import type { EntryDraft } from './entry-document.ts';
import type { Membership, MemberState } from './state.ts';

/** The decision on an entry before it gets its `seq`. */
export type Decision =
  | { readonly kind: 'write'; readonly draft: EntryDraft }
  /** The requested state exists already: nothing is written. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refuse'; readonly error: AppError };

/** What a decision needs besides the entry and the membership. */
export interface PolicyFacts {
  /** The sender of the message that the entry refers to. */
  readonly messageSenderId?: string;
}

type MembersDraft = Extract<EntryDraft, { kind: 'members' }>;

const NOTHING: Decision = { kind: 'nothing' };

/** Decides who may write what. A pure function, called each time an entry is numbered, with the membership before it. */
export function decide(membership: Membership, draft: EntryDraft, facts: PolicyFacts): Decision {
  const sender = membership.members.get(draft.senderId);
  if (sender === undefined) return refuse('not_found', 'The conversation does not exist');
  switch (draft.kind) {
    case 'message':
      return { kind: 'write', draft };
    case 'deletion':
      return facts.messageSenderId === sender.userId || mayManage(sender)
        ? { kind: 'write', draft }
        : refuse('forbidden', 'Only the sender or an admin may delete this message');
    case 'title':
      if (!mayManage(sender))
        return refuse('forbidden', 'Only an owner or admin may change the title');
      return draft.title === membership.title ? NOTHING : { kind: 'write', draft };
    case 'members':
      return decideMembers(membership, draft, sender);
    default:
      return draft satisfies never;
  }
}

function decideMembers(membership: Membership, draft: MembersDraft, sender: MemberState): Decision {
  if (membership.kind === 'direct') {
    return refuse('forbidden', 'The members of a direct conversation cannot be changed');
  }
  switch (draft.action) {
    case 'added':
      return decideAdded(membership, draft, sender);
    case 'left':
      return { kind: 'write', draft };
    case 'removed':
      return decideRemoved(membership, draft, sender);
    case 'role':
      return decideRole(membership, draft, sender);
    default:
      return draft.action satisfies never;
  }
}

function decideAdded(membership: Membership, draft: MembersDraft, sender: MemberState): Decision {
  if (!mayManage(sender)) return refuse('forbidden', 'Only an owner or admin may add members');
  const { members } = membership;
  const userIds = draft.userIds.filter((userId) => !members.has(userId));
  if (userIds.length === 0) return NOTHING;
  if (members.size + userIds.length > LIMITS.groupMembers) {
    return refuse('limit_reached', `A group has at most ${LIMITS.groupMembers} members`);
  }
  return { kind: 'write', draft: { ...draft, userIds } };
}

function decideRemoved(membership: Membership, draft: MembersDraft, sender: MemberState): Decision {
  const present = presentTargets(membership, draft);
  if (!mayManage(sender)) return refuse('forbidden', 'Only an owner or admin may remove members');
  if (present.some(({ role }) => role === 'owner') && sender.role !== 'owner') {
    return refuse('forbidden', 'Only an owner may remove an owner');
  }
  if (present.length === 0) return NOTHING;
  return { kind: 'write', draft: { ...draft, userIds: present.map(({ userId }) => userId) } };
}

function decideRole(membership: Membership, draft: MembersDraft, sender: MemberState): Decision {
  if (sender.role !== 'owner') return refuse('forbidden', 'Only an owner may change roles');
  const [target] = presentTargets(membership, draft);
  if (target === undefined) return refuse('not_found', 'This user is not a member');
  if (target.role === draft.role) return NOTHING;
  if (target.role === 'owner' && owners(membership) === 1) {
    return refuse('conflict', 'A group needs an owner: make another member owner first');
  }
  return { kind: 'write', draft };
}

function presentTargets(membership: Membership, draft: MembersDraft): MemberState[] {
  return draft.userIds.flatMap((userId) => membership.members.get(userId) ?? []);
}

function owners(membership: Membership): number {
  return [...membership.members.values()].filter(({ role }) => role === 'owner').length;
}

function mayManage(member: MemberState): boolean {
  return member.role === 'owner' || member.role === 'admin';
}

function refuse(
  code: 'not_found' | 'forbidden' | 'conflict' | 'limit_reached',
  message: string,
): Decision {
  return { kind: 'refuse', error: new AppError(code, message) };
}
