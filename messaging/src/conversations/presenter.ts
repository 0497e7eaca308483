import { shownProfile, type BlockPolicy, type ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS } from '@parley/common';
import type { Conversation, Member } from '@parley/common/contract';

import type { ConversationState, MemberState } from '../log/state.ts';
import type { Access, MemberAccess } from './access.ts';
import type { ConversationRepository } from './conversation-repository.ts';
import type { ConversationItems } from './items.ts';
import type { MemberRepository } from './member-repository.ts';
import type { MembershipProjector } from '../projection/membership-projector.ts';
import type { MembershipView } from './membership-view.ts';

interface PresenterDeps {
  readonly access: Access;
  readonly conversations: Pick<ConversationRepository, 'find'>;
  readonly members: Pick<MemberRepository, 'find'>;
  readonly projector: Pick<MembershipProjector, 'ensure'>;
  readonly items: ConversationItems;
  readonly profiles: ProfileReader;
  readonly blocks: Pick<BlockPolicy, 'among'>;
}

/** Shows one conversation and its members. */
export class ConversationPresenter {
  readonly #deps: PresenterDeps;

  constructor(deps: PresenterDeps) {
    this.#deps = deps;
  }

  /** A conversation as one of its members sees it. @throws AppError `not_found` for users who are not members */
  async present(conversationId: string, userId: string): Promise<Conversation> {
    const access = await this.#deps.access.require(conversationId, userId);
    const [view, members] = await Promise.all([
      this.membershipView(access),
      this.members(access, sortedMembers(access.state).slice(0, LIMITS.membersInConversation)),
    ]);
    const [item] = await this.#deps.items.of([view]);
    if (item === undefined) throw new AppError('internal');
    return { ...item, members };
  }

  /**
   * Members with their profiles, in the same order. In a direct conversation, a user who blocks the viewer looks like a
   * deleted account; in a group, whose messages still reach both, every member has a name.
   */
  async members(
    { member: viewer, state }: MemberAccess,
    members: readonly MemberState[],
  ): Promise<Member[]> {
    const userIds = members.map(({ userId }) => userId);
    const isDirect = state.membership.kind === 'direct';
    const [profiles, barriers] = await Promise.all([
      this.#deps.profiles.get(userIds),
      this.#deps.blocks.among(viewer.userId, isDirect ? userIds : []),
    ]);
    return members.map(({ joinedAt, joinedSeq, role, userId }) => {
      const profile = shownProfile(userId, profiles, barriers);
      return { userId, role, joinedAt, joinedSeq, profile };
    });
  }

  /** What a member sees of its conversation, according to the log. */
  async membershipView(access: MemberAccess): Promise<MembershipView> {
    const { membership, seq } = access.state;
    const { joinedSeq, role } = access.member;
    const stored =
      (await this.#stored(access)) ??
      (await this.#deps.projector.ensure(access.state).then(() => this.#stored(access)));
    if (stored === undefined) throw new AppError('not_found', 'The conversation does not exist');
    return {
      ...stored,
      ...{ role, joinedSeq, lastSeq: seq },
      title: membership.title,
      memberCount: membership.members.size,
    };
  }

  async #stored({
    member,
    state,
  }: MemberAccess): Promise<Pick<MembershipView, 'conversation' | 'own'> | undefined> {
    const [conversation, own] = await Promise.all([
      this.#deps.conversations.find(state.conversationId),
      this.#deps.members.find(state.conversationId, member.userId),
    ]);
    // A stored membership that is behind the log has the receipt marks of an earlier membership, or none.
    if (conversation === null || own === null || own.joinedSeq < member.joinedSeq) return undefined;
    return { conversation, own };
  }
}

/** Members sorted by user id, as in every list of members. */
export function sortedMembers({ membership }: ConversationState): MemberState[] {
  return [...membership.members.values()].sort((one, other) =>
    one.userId < other.userId ? -1 : 1,
  );
}
