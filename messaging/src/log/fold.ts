import type { EntryDocument, MembersDocument } from './entry-document.ts';
import type { ConversationState, MemberState, Membership } from './state.ts';

/** The membership of a conversation before its first entry. */
export function emptyMembership(kind: Membership['kind'], title: string | null): Membership {
  return { kind, title, members: new Map(), version: 0 };
}

/** The state after more entries, which must follow it without a gap. */
export function fold(
  state: ConversationState,
  entries: readonly EntryDocument[],
): ConversationState {
  const last = entries.at(-1);
  if (last === undefined) return state;
  const { conversationId, membership } = state;
  return { conversationId, seq: last.seq, membership: entries.reduce(foldMembership, membership) };
}

/** The membership after one more entry; the same object if nothing changes. */
export function foldMembership(membership: Membership, entry: EntryDocument): Membership {
  switch (entry.kind) {
    case 'members':
      return { ...membership, members: foldMembers(membership, entry), version: entry.seq };
    case 'title':
      return { ...membership, title: entry.title, version: entry.seq };
    case 'message':
    case 'deletion':
      return membership;
    default:
      return entry satisfies never;
  }
}

function foldMembers(membership: Membership, entry: MembersDocument): Map<string, MemberState> {
  const members = new Map(membership.members);
  for (const userId of entry.userIds) {
    const present = members.get(userId);
    if (entry.action === 'added' && present === undefined) {
      members.set(userId, newMember(membership, entry, userId));
    } else if (entry.action === 'role' && present !== undefined) {
      members.set(userId, { ...present, role: entry.role });
    } else if (entry.action === 'removed' || entry.action === 'left') {
      members.delete(userId);
    }
  }
  return membership.kind === 'group' ? withOwner(members) : members;
}

function newMember(membership: Membership, entry: MembersDocument, userId: string): MemberState {
  const isCreator = entry.seq === 1 && userId === entry.senderId;
  const role = isCreator ? 'owner' : (entry.role ?? 'member');
  return {
    userId,
    role: membership.kind === 'direct' ? null : role,
    joinedSeq: entry.seq,
    joinedAt: entry.at,
  };
}

/** A group always has an owner: if it has none, its longest-standing admin becomes owner, else its longest-standing member. */
function withOwner(members: Map<string, MemberState>): Map<string, MemberState> {
  const all = [...members.values()];
  if (all.length === 0 || all.some(({ role }) => role === 'owner')) return members;
  const admins = all.filter(({ role }) => role === 'admin');
  const heir = longestStanding(admins.length > 0 ? admins : all);
  if (heir !== undefined) members.set(heir.userId, { ...heir, role: 'owner' });
  return members;
}

function longestStanding(members: readonly MemberState[]): MemberState | undefined {
  return members.reduce<MemberState | undefined>((first, member) => {
    if (first === undefined || member.joinedSeq < first.joinedSeq) return member;
    return member.joinedSeq === first.joinedSeq && member.userId < first.userId ? member : first;
  }, undefined);
}
