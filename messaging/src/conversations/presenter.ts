import { deletedProfile, type ProfileReader } from '@parley/backend-common/domain';
import { AppError, LIMITS } from '@parley/common';
import type { Conversation, Member } from '@parley/common/contract';

import type { ConversationState, MemberState } from '../log/state.ts';
import type { Access, Seen } from './access.ts';
import type { ConversationRepository } from './conversation-repository.ts';
import type { ConversationItems } from './items.ts';
import type { MemberRepository } from './member-repository.ts';
import type { MembershipProjector } from './projector.ts';
import type { Seat } from './seat.ts';

interface PresenterDeps {
  readonly access: Access;
  readonly conversations: Pick<ConversationRepository, 'find'>;
  readonly members: Pick<MemberRepository, 'find'>;
  readonly projector: Pick<MembershipProjector, 'ensure'>;
  readonly items: ConversationItems;
  readonly profiles: ProfileReader;
}

/** Shows single conversations and their members. */
export class ConversationPresenter {
  readonly #deps: PresenterDeps;

  constructor(deps: PresenterDeps) {
    this.#deps = deps;
  }

  /** A conversation as one of its members sees it. @throws AppError `not_found` for anybody else */
  async present(conversationId: string, userId: string): Promise<Conversation> {
    const seen = await this.#deps.access.require(conversationId, userId);
    const [seat, members] = await Promise.all([
      this.seat(seen),
      this.members(sortedMembers(seen.state).slice(0, LIMITS.membersInConversation)),
    ]);
    const [item] = await this.#deps.items.of([seat]);
    if (item === undefined) throw new AppError('internal');
    return { ...item, members };
  }

  /** Members with their profiles, in the order given. */
  async members(members: readonly MemberState[]): Promise<Member[]> {
    const profiles = await this.#deps.profiles.get(members.map(({ userId }) => userId));
    return members.map(({ joinedAt, joinedSeq, role, userId }) => {
      const profile = profiles.get(userId)?.profile ?? deletedProfile(userId);
      return { userId, role, joinedAt, joinedSeq, profile };
    });
  }

  /** What a member sees of its conversation, by what the log says. */
  async seat(seen: Seen): Promise<Seat> {
    const { membership, seq } = seen.state;
    const { joinedSeq, role } = seen.member;
    const stored =
      (await this.#stored(seen)) ??
      (await this.#deps.projector.ensure(seen.state).then(() => this.#stored(seen)));
    if (stored === undefined) throw new AppError('not_found', 'The conversation does not exist');
    return {
      ...stored,
      ...{ role, joinedSeq, lastSeq: seq },
      title: membership.title,
      memberCount: membership.members.size,
    };
  }

  async #stored({ member, state }: Seen): Promise<Pick<Seat, 'conversation' | 'own'> | undefined> {
    const [conversation, own] = await Promise.all([
      this.#deps.conversations.find(state.conversationId),
      this.#deps.members.find(state.conversationId, member.userId),
    ]);
    // A membership that is behind the log has the marks of an earlier stay, or none.
    if (conversation === null || own === null || own.joinedSeq < member.joinedSeq) return undefined;
    return { conversation, own };
  }
}

/** Members by user id, the order of every list of them. */
export function sortedMembers({ membership }: ConversationState): MemberState[] {
  return [...membership.members.values()].sort((one, other) =>
    one.userId < other.userId ? -1 : 1,
  );
}
