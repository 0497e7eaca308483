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
  const folder = new MembershipFolder(membership);
  folder.add(entries);
  return { conversationId, seq: last.seq, membership: folder.membership };
}

/** The membership after one more entry; the same object if nothing changes. */
export function foldMembership(membership: Membership, entry: EntryDocument): Membership {
  const folder = new MembershipFolder(membership);
  folder.add([entry]);
  return folder.membership;
}

/** Folds many entries: the members are copied once, and not for each change. */
export class MembershipFolder {
  #membership: Membership;
  /** The copy that changes are made in; absent while it is not needed, or once it was handed out. */
  #members: Map<string, MemberState> | undefined;
  #owners = 0;

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  /** The membership after all entries so far; the object given at first if nothing has changed. */
  get membership(): Membership {
    if (this.#members !== undefined) {
      this.#membership = { ...this.#membership, members: this.#members };
      this.#members = undefined;
    }
    return this.#membership;
  }

  /** Folds entries, which must follow without a gap. */
  add(entries: readonly EntryDocument[]): void {
    for (const entry of entries) this.#add(entry);
  }

  #add(entry: EntryDocument): void {
    switch (entry.kind) {
      case 'members':
        this.#changeMembers(entry);
        this.#membership = { ...this.#membership, version: entry.seq };
        return;
      case 'title':
        this.#membership = { ...this.#membership, title: entry.title, version: entry.seq };
        return;
      case 'message':
      case 'deletion':
        return;
      default:
        entry satisfies never;
    }
  }

  #changeMembers(entry: MembersDocument): void {
    const members = (this.#members ??= this.#copy());
    for (const userId of entry.userIds) {
      const present = members.get(userId);
      if (entry.action === 'added' && present === undefined) {
        this.#set(members, newMember(this.#membership, entry, userId));
      } else if (entry.action === 'role' && present !== undefined) {
        this.#set(members, { ...present, role: entry.role });
      } else if (entry.action === 'removed' || entry.action === 'left') {
        if (present?.role === 'owner') this.#owners -= 1;
        members.delete(userId);
      }
    }
    if (this.#membership.kind === 'group' && this.#owners === 0) this.#chooseOwner(members);
  }

  #set(members: Map<string, MemberState>, member: MemberState): void {
    if (members.get(member.userId)?.role === 'owner') this.#owners -= 1;
    if (member.role === 'owner') this.#owners += 1;
    members.set(member.userId, member);
  }

  #copy(): Map<string, MemberState> {
    const members = new Map(this.#membership.members);
    this.#owners = 0;
    for (const { role } of members.values()) if (role === 'owner') this.#owners += 1;
    return members;
  }

  /** A group always has an owner: if it has none, its longest-standing admin becomes owner, else its longest-standing member. */
  #chooseOwner(members: Map<string, MemberState>): void {
    const all = [...members.values()];
    const admins = all.filter(({ role }) => role === 'admin');
    const heir = longestStanding(admins.length > 0 ? admins : all);
    if (heir !== undefined) this.#set(members, { ...heir, role: 'owner' });
  }
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

function longestStanding(members: readonly MemberState[]): MemberState | undefined {
  return members.reduce<MemberState | undefined>((first, member) => {
    if (first === undefined || member.joinedSeq < first.joinedSeq) return member;
    return member.joinedSeq === first.joinedSeq && member.userId < first.userId ? member : first;
  }, undefined);
}
