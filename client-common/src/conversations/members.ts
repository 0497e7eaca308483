import type { Member, MembersEntry } from '@parley/common/contract';

import type { MemberList } from '../api/conversation.ts';

const NOBODY: MemberList = { members: [], complete: false };

/** The members of a conversation as far as they are loaded. */
export class Members {
  #list: MemberList = NOBODY;
  #isLoaded = false;

  get list(): MemberList {
    return this.#list;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The first members, of `count` in all. More that were loaded before stay. */
  replace(members: readonly Member[], count: number): void {
    const fresh = new Set(members.map((member) => member.userId));
    const keep = count > members.length && this.#list.complete;
    const rest = keep ? this.#list.members.filter((each) => !fresh.has(each.userId)) : [];
    const all = [...members, ...rest];
    this.#list = { members: all, complete: all.length >= count };
    this.#isLoaded = true;
  }

  /** All there are. */
  complete(members: readonly Member[]): void {
    this.#list = { members, complete: true };
    this.#isLoaded = true;
  }

  /** Takes what an entry says at once; the server is asked for the rest (profiles, successions). */
  apply({ action, userIds, role }: MembersEntry): void {
    const { members, complete } = this.#list;
    if (action === 'removed' || action === 'left') {
      this.#list = { members: members.filter((each) => !userIds.includes(each.userId)), complete };
    } else if (action === 'role') {
      const changed = members.map((each) =>
        userIds.includes(each.userId) ? { ...each, role } : each,
      );
      this.#list = { members: changed, complete };
    }
  }
}
