import type { Member } from '@parley/common/contract';

import type { MemberList } from './types.ts';

/** No members are known. */
export const NO_MEMBERS: MemberList = { members: [], complete: false };

/** The first members as the server has them, of `count` in all; others that were loaded before stay. */
export function withFirst(
  { members, complete }: MemberList,
  first: readonly Member[],
  count: number,
): MemberList {
  const known = new Set(first.map(({ userId }) => userId));
  const rest = complete && count > first.length ? members.filter((m) => !known.has(m.userId)) : [];
  const all = [...first, ...rest];
  return { members: all, complete: all.length >= count };
}
