import { AppError } from '@parley/common';
import type { ConversationItem } from '@parley/common/contract';

import type { ConversationLog } from '../log/conversation-log.ts';
import type { Access } from './access.ts';
import type { ConversationDocument, ConversationRepository } from './conversation-repository.ts';
import { inParallel } from './in-parallel.ts';
import type { ConversationItems } from './items.ts';
import { byPlace, decodePlace, encodePlace, type Place } from './list-cursor.ts';
import type { LogLagRepository } from './log-lag-repository.ts';
import type { MemberDocument, MemberRepository } from './member-repository.ts';
import type { ConversationPresenter } from './presenter.ts';
import type { Seat } from './seat.ts';
import type { SummaryWriter } from './summary-writer.ts';

interface ListDeps {
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly access: Access;
  readonly conversations: Pick<ConversationRepository, 'activity' | 'findMany'>;
  readonly members: Pick<MemberRepository, 'conversationIdsOf' | 'findOwn' | 'pinnedIdsOf'>;
  readonly lag: Pick<LogLagRepository, 'membersBehind'>;
  readonly presenter: Pick<ConversationPresenter, 'seat'>;
  readonly items: ConversationItems;
  readonly summaries: Pick<SummaryWriter, 'pendingAt'>;
}

interface Page {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

const WIDTH = 16;

/** The conversations of a person, pinned first, newest activity first. */
export class ConversationList {
  readonly #deps: ListDeps;

  constructor(deps: ListDeps) {
    this.#deps = deps;
  }

  /** A page. It may be shorter than asked; only `nextCursor` says that it is the last. @throws AppError `invalid_input` */
  async page(
    userId: string,
    { cursor, limit }: Page,
  ): Promise<{ conversations: ConversationItem[]; nextCursor: string | null }> {
    const from = cursor === undefined ? undefined : decodePlace(cursor);
    const places = await this.#places(userId);
    const rest = from === undefined ? places : places.filter((place) => byPlace(from, place) < 0);
    const shown = rest.slice(0, limit);
    const last = shown.at(-1);
    const seats = await this.#seats(userId, shown);
    return {
      conversations: await this.#deps.items.of(seats),
      nextCursor: last !== undefined && rest.length > shown.length ? encodePlace(last) : null,
    };
  }

  async #places(userId: string): Promise<Place[]> {
    const { conversations, members, summaries } = this.#deps;
    const [conversationIds, pinnedIds] = await Promise.all([
      members.conversationIdsOf(userId),
      members.pinnedIdsOf(userId),
    ]);
    const pinned = new Set(pinnedIds);
    const activity = await conversations.activity(conversationIds);
    return conversationIds
      .map((conversationId) => ({
        conversationId,
        isPinned: pinned.has(conversationId),
        lastAt: Math.max(activity.get(conversationId) ?? 0, summaries.pendingAt(conversationId)),
      }))
      .sort(byPlace);
  }

  /**
   * What the person sees of each conversation. The tails are read first and bound what is shown; the memberships
   * are read after them, so that nothing is shown to whoever was removed before it.
   */
  async #seats(userId: string, places: readonly Place[]): Promise<Seat[]> {
    const { conversations, lag, log, members } = this.#deps;
    const conversationIds = places.map(({ conversationId }) => conversationId);
    const tails = await log.tails(conversationIds);
    const found = await conversations.findMany(conversationIds);
    const behind = await lag.membersBehind(found);
    const own = await members.findOwn(userId, conversationIds);
    const byId = new Map(found.map((conversation) => [conversation._id, conversation]));
    const seats = await inParallel(conversationIds, WIDTH, async (conversationId) => {
      const conversation = byId.get(conversationId);
      if (conversation === undefined) return undefined;
      const tail = tails.get(conversationId) ?? 0;
      const membership = own.get(conversationId);
      return behind.has(conversationId) || tail === 0 || membership === undefined
        ? this.#seatByLog(conversationId, userId)
        : storedSeat(conversation, membership, tail);
    });
    return seats.filter((seat) => seat !== undefined);
  }

  /** Where the stored members are behind the log, the log is asked. */
  async #seatByLog(conversationId: string, userId: string): Promise<Seat | undefined> {
    try {
      return await this.#deps.presenter.seat(
        await this.#deps.access.require(conversationId, userId),
      );
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}

function storedSeat(
  conversation: ConversationDocument,
  own: MemberDocument,
  tail: number,
): Seat | undefined {
  if (!own.present) return undefined;
  const { memberCount, title } = conversation;
  const { joinedSeq, role } = own;
  // Who joined after the tail was read: the entry that added this member stands.
  const lastSeq = Math.max(tail, joinedSeq);
  return { conversation, own, title, memberCount, role, joinedSeq, lastSeq };
}
