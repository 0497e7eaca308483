import type { Member, MemberRole } from '@parley/common/contract';

/** What one member may do to another. The server decides; this keeps useless buttons away. */
export interface MemberPowers {
  readonly remove: boolean;
  /** Roles that can be given: only owners give or take them. */
  readonly roles: readonly MemberRole[];
}

const ROLES: readonly MemberRole[] = ['owner', 'admin', 'member'];
const NONE: MemberPowers = { remove: false, roles: [] };

/** What somebody with the role `own` may do to `other`. */
export function powersOver(own: MemberRole | null, other: Pick<Member, 'role'>): MemberPowers {
  switch (own) {
    case 'owner':
      return { remove: true, roles: ROLES.filter((role) => role !== other.role) };
    case 'admin':
      return { remove: other.role === 'member', roles: [] };
    case 'member':
    case null:
      return NONE;
  }
}

const RANK = { owner: 0, admin: 1, member: 2 } as const;

/** Members as they are listed: oneself first, then by role, then as they came. */
export function sortMembers(members: readonly Member[], selfId: string): readonly Member[] {
  const rank = ({ userId, role }: Member) => (userId === selfId ? -1 : RANK[role ?? 'member']);
  return [...members].sort((a, b) => rank(a) - rank(b) || a.joinedSeq - b.joinedSeq);
}
