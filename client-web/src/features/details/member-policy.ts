import type { Member, MemberRole } from '@parley/common/contract';

import { matchesName } from '../conversations/filter-conversations.ts';
import { handleOf, personName } from '../people/person-name.ts';

/** What a member may do to another. The server decides; this only hides actions that it would reject. */
export interface MemberPowers {
  readonly remove: boolean;
  /** The roles that can be assigned: only owners change roles. */
  readonly roles: readonly MemberRole[];
}

const ROLES: readonly MemberRole[] = ['owner', 'admin', 'member'];
const NONE: MemberPowers = { remove: false, roles: [] };

/** What a member with the role `own` may do to `other`. */
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

/** The members whose name or username contains the words of a query. */
export function filterMembers(members: readonly Member[], query: string): readonly Member[] {
  return members.filter(({ profile }) =>
    matchesName(query, `${personName(profile)} ${handleOf(profile)}`),
  );
}

const RANK = { owner: 0, admin: 1, member: 2 } as const;

/** Members in list order: the user first, then by role, then by join order. */
export function sortMembers(members: readonly Member[], selfId: string): readonly Member[] {
  const rank = ({ userId, role }: Member) => (userId === selfId ? -1 : RANK[role ?? 'member']);
  return [...members].sort((a, b) => rank(a) - rank(b) || a.joinedSeq - b.joinedSeq);
}
