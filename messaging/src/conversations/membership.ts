import { AppError } from '@parley/common';
import type { Member, MemberRole, OperationInput, OperationOutput } from '@parley/common/contract';

import type { ConversationLog } from '../log/conversation-log.ts';
import type { Access } from './access.ts';
import { decodeUserId, encodeUserId } from './list-cursor.ts';
import type { InvitationPolicy } from './invitation-policy.ts';
import type { Addition, Invitations } from './invitations.ts';
import { sortedMembers, type ConversationPresenter } from './presenter.ts';

interface MembershipDeps {
  readonly log: Pick<ConversationLog, 'append'>;
  readonly access: Access;
  readonly policy: InvitationPolicy;
  readonly invitations: Pick<Invitations, 'decline' | 'end' | 'store'>;
  readonly presenter: Pick<ConversationPresenter, 'members'>;
}

/** Lists and changes the members of a group. The policy of the log decides who may, when the entry gets its number. */
export class MembershipService {
  readonly #deps: MembershipDeps;

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
  }

  /** A page of members, by user id. @throws AppError `not_found`, `invalid_input` for an invalid cursor */
  async page(
    userId: string,
    { conversationId, cursor, limit }: OperationInput<'member:list'>,
  ): Promise<OperationOutput<'member:list'>> {
    const after = cursor === undefined ? '' : decodeUserId(cursor);
    const access = await this.#deps.access.require(conversationId, userId);
    const rest = sortedMembers(access.state).filter((member) => member.userId > after);
    const shown = rest.slice(0, limit);
    const last = shown.at(-1);
    return {
      members: await this.#deps.presenter.members(access, shown),
      nextCursor: last !== undefined && rest.length > limit ? encodeUserId(last.userId) : null,
    };
  }

  /** Adds users and returns them; users who are members already stay members. @throws AppError `not_found`, `recipient_unavailable`, `blocked`, `forbidden`, `limit_reached` */
  async add(userId: string, input: OperationInput<'member:add'>): Promise<Member[]> {
    const { access, log, policy } = this.#deps;
    const { clientId, conversationId, userIds } = input;
    const { member, state } = await access.require(conversationId, userId);
    const added = userIds.filter((each) => !state.membership.members.has(each));
    await policy.requireReachable(userId, added);
    // The log refuses everybody else; only those who may add members are counted and limited.
    if (added.length > 0 && (member.role === 'owner' || member.role === 'admin')) {
      await this.#invite({ addedBy: userId, userIds: added, kind: 'group', conversationId });
    }
    const content = { kind: 'members', action: 'added', userIds, role: 'member' } as const;
    await log.append({ conversationId, senderId: userId, clientId, content });
    return this.#named(conversationId, userId, userIds);
  }

  /** Removes a member, or leaves the group; removing a user who is not a member has no effect. @throws AppError `not_found`, `forbidden` */
  async remove(userId: string, input: OperationInput<'member:remove'>): Promise<void> {
    const { clientId, conversationId, userId: target } = input;
    const action = target === userId ? 'left' : 'removed';
    const content = { kind: 'members', action, userIds: [target], role: null } as const;
    await this.#deps.log.append({ conversationId, senderId: userId, clientId, content });
    if (action === 'left') await this.#deps.invitations.decline(conversationId, userId);
  }

  /** Changes the role of a member. @throws AppError `not_found`, `forbidden`, `conflict` for the last owner */
  async changeRole(userId: string, input: OperationInput<'member:role'>): Promise<Member> {
    const { clientId, conversationId, role, userId: target } = input;
    const content: RoleContent = { kind: 'members', action: 'role', userIds: [target], role };
    await this.#deps.log.append({ conversationId, senderId: userId, clientId, content });
    const [member] = await this.#named(conversationId, userId, [target]);
    if (member === undefined) throw new AppError('not_found', 'This user is not a member');
    return member;
  }

  async #invite(addition: Required<Addition>): Promise<void> {
    const { invitations, policy } = this.#deps;
    const strangers = await policy.requireRoom(addition);
    const known = addition.userIds.filter((userId) => !strangers.includes(userId));
    await invitations.store({ ...addition, userIds: strangers });
    await invitations.end(addition.conversationId, known);
  }

  /** Those of the given users who are members now. */
  async #named(
    conversationId: string,
    userId: string,
    named: readonly string[],
  ): Promise<Member[]> {
    const access = await this.#deps.access.require(conversationId, userId);
    const { members } = access.state.membership;
    const present = named.flatMap((each) => members.get(each) ?? []);
    return this.#deps.presenter.members(access, present);
  }
}

interface RoleContent {
  readonly kind: 'members';
  readonly action: 'role';
  readonly userIds: readonly string[];
  readonly role: MemberRole;
}
