import { AppError } from '@parley/common';
import type { ConversationItem } from '@parley/common/contract';

import type { ConversationLog } from '../log/conversation-log.ts';
import type { Access } from './access.ts';
import type { ConversationDocument, ConversationRepository } from './conversation-repository.ts';
import { inParallel } from './in-parallel.ts';
import type { ConversationItems } from './items.ts';
import { byPlace, decodePlace, encodePlace, type Place } from './list-cursor.ts';
import type { LogLagRepository } from './log-lag-repository.ts';
import type { MemberDocument } from './member-document.ts';
import type { MemberRepository } from './member-repository.ts';
import type { ConversationPresenter } from './presenter.ts';
import type { MembershipView } from './membership-view.ts';
import type { SummaryWriter } from './summary-writer.ts';

interface ListDeps {
  readonly log: Pick<ConversationLog, 'tails'>;
  readonly access: Access;
  readonly conversations: Pick<ConversationRepository, 'activity' | 'findMany' | 'latest'>;
  readonly members: Pick<MemberRepository, 'conversationIdsOf' | 'findOwn' | 'pinnedIdsOf'>;
  readonly lag: Pick<LogLagRepository, 'membersBehind'>;
  readonly presenter: Pick<ConversationPresenter, 'membershipView'>;
  readonly items: ConversationItems;
  readonly summaries: Pick<SummaryWriter, 'pendingAt'>;
}

interface Page {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

const WIDTH = 16;

/** Lists the conversations of a user: pinned ones first, then by latest activity. */
export class ConversationList {
  readonly #deps: ListDeps;

  constructor(deps: ListDeps) {
    this.#deps = deps;
  }

  /** A page. It may be shorter than `limit`; only a `nextCursor` of `null` marks the last one. @throws AppError `invalid_input` */
  async page(
    userId: string,
    { cursor, limit }: Page,
  ): Promise<{ conversations: ConversationItem[]; nextCursor: string | null }> {
    const from = cursor === undefined ? undefined : decodePlace(cursor);
    const places = await this.#places(userId, from, limit + 1);
    const shown = places.slice(0, limit);
    const last = shown.at(-1);
    const views = await this.#views(userId, shown);
    return {
      conversations: await this.#deps.items.of(views),
      nextCursor: last !== undefined && places.length > shown.length ? encodePlace(last) : null,
    };
  }

  /**
   * The first places after `from`, at most `count`. The database sorts the conversations whose place follows from their
   * stored summary. There are few others: pinned ones, and those whose summary this node has not written yet.
   */
  async #places(userId: string, from: Place | undefined, count: number): Promise<Place[]> {
    const { conversations, members, summaries } = this.#deps;
    const [conversationIds, pinnedIds] = await Promise.all([
      members.conversationIdsOf(userId),
      members.pinnedIdsOf(userId),
    ]);
    const pinned = new Set(pinnedIds);
    const moved = new Map<string, number>();
    for (const id of conversationIds) {
      const pendingAt = summaries.pendingAt(id);
      if (pendingAt > 0 || pinned.has(id)) moved.set(id, pendingAt);
    }
    const [activity, latest] = await Promise.all([
      conversations.activity([...moved.keys()]),
      conversations.latest(
        conversationIds.filter((id) => !moved.has(id)),
        { before: from?.isPinned === false ? from : undefined, limit: count },
      ),
    ]);
    const places = latest.map((place): Place => ({ ...place, isPinned: false }));
    for (const [conversationId, pendingAt] of moved) {
      const lastAt = Math.max(activity.get(conversationId) ?? 0, pendingAt);
      const place = { conversationId, isPinned: pinned.has(conversationId), lastAt };
      if (from === undefined || byPlace(from, place) < 0) places.push(place);
    }
    return places.sort(byPlace).slice(0, count);
  }

  /**
   * What the user sees of each conversation. The tails are read first and limit what is shown. The memberships are read
   * after them, so that nothing is shown to a user who was removed before it was written.
   */
  async #views(userId: string, places: readonly Place[]): Promise<MembershipView[]> {
    const { conversations, lag, log, members } = this.#deps;
    const conversationIds = places.map(({ conversationId }) => conversationId);
    const tails = await log.tails(conversationIds);
    const found = await conversations.findMany(conversationIds);
    const behind = await lag.membersBehind(found);
    const own = await members.findOwn(userId, conversationIds);
    const byId = new Map(found.map((conversation) => [conversation._id, conversation]));
    const views = await inParallel(conversationIds, WIDTH, async (conversationId) => {
      const conversation = byId.get(conversationId);
      if (conversation === undefined) return undefined;
      const tail = tails.get(conversationId) ?? 0;
      const membership = own.get(conversationId);
      return behind.has(conversationId) || tail === 0 || membership === undefined
        ? this.#viewFromLog(conversationId, userId)
        : storedView(conversation, membership, tail);
    });
    return views.filter((view) => view !== undefined);
  }

  /** Reads the membership from the log, where the stored members are behind it. */
  async #viewFromLog(conversationId: string, userId: string): Promise<MembershipView | undefined> {
    try {
      return await this.#deps.presenter.membershipView(
        await this.#deps.access.require(conversationId, userId),
      );
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  }
}

function storedView(
  conversation: ConversationDocument,
  own: MemberDocument,
  tail: number,
): MembershipView | undefined {
  if (!own.present) return undefined;
  const { memberCount, title } = conversation;
  const { joinedSeq, role } = own;
  // The member may have joined after the tail was read; the entry that added it is in the log.
  const lastSeq = Math.max(tail, joinedSeq);
  return { conversation, own, title, memberCount, role, joinedSeq, lastSeq };
}
