import {
  shownProfile,
  type Barrier,
  type BlockPolicy,
  type ProfileReader,
  type ProfileRecord,
} from '@parley/backend-common/domain';
import { LIMITS } from '@parley/common';
import type { ConversationItem, Receipt } from '@parley/common/contract';

import type { MemberRepository } from './member-repository.ts';
import type { UnreadSummaries, UnreadSummary } from './unread-summaries.ts';
import type { MembershipView } from './membership-view.ts';
import type { SummaryWriter } from './summary-writer.ts';

interface ItemsDeps {
  readonly members: Pick<MemberRepository, 'receiptsOf'>;
  readonly unread: Pick<UnreadSummaries, 'of'>;
  readonly profiles: ProfileReader;
  readonly summaries: Pick<SummaryWriter, 'note' | 'pendingAt'>;
  readonly blocks: Pick<BlockPolicy, 'among'>;
}

/** The data that the items of one list share. */
interface ItemContext {
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
  readonly profiles: ReadonlyMap<string, ProfileRecord>;
  /** Blocks between the viewer and the other users of direct conversations. */
  readonly barriers: ReadonlyMap<string, Barrier>;
}

const NOTHING_UNREAD: UnreadSummary = { lastMessage: null, unreadCount: 0 };

/** Creates list items. With {@link ConversationPresenter} it is all that shows a conversation to clients. */
export class ConversationItems {
  readonly #deps: ItemsDeps;

  constructor(deps: ItemsDeps) {
    this.#deps = deps;
  }

  /** One item for each view of one user, in the same order. */
  async of(views: readonly MembershipView[]): Promise<ConversationItem[]> {
    const [context, unread] = await Promise.all([
      this.#contextOf(views),
      this.#deps.unread.of(views),
    ]);
    return views.map((view) => {
      const { lastMessage, unreadCount } = unread.get(view.conversation._id) ?? NOTHING_UNREAD;
      return this.#item(view, { ...context, lastMessage, unreadCount });
    });
  }

  #item(view: MembershipView, context: ItemContext & UnreadSummary): ConversationItem {
    const { conversation, joinedSeq, lastSeq, memberCount, own, role, title } = view;
    const { _id: id, createdAt, createdBy, kind, summary } = conversation;
    const { barriers, lastMessage, profiles, receipts, unreadCount } = context;
    const peerId = peerOf(view);
    const marks = receipts.get(id);
    const { summaries } = this.#deps;
    const pendingAt = summaries.pendingAt(id);
    const lastAt = Math.max(summary.lastAt, pendingAt, lastMessage?.at ?? 0);
    // The stored summary is behind, and no write of it is pending: a node that crashed has lost it.
    if (summary.lastSeq < lastSeq && pendingAt === 0) {
      summaries.note({ conversationId: id, seq: lastSeq, at: lastAt });
    }
    return {
      ...{ id, kind, title, avatarId: null, createdAt, createdBy, memberCount },
      ...{ role, joinedSeq, lastSeq, lastMessage, unreadCount },
      lastAt,
      deliveredSeq: own.deliveredSeq,
      readSeq: own.readSeq,
      settings: own.settings,
      ...(peerId === undefined ? {} : { peer: shownProfile(peerId, profiles, barriers) }),
      ...(marks === undefined
        ? {}
        : { receipts: marks.map((mark) => visibleReceipt(mark, own.userId, profiles)) }),
    };
  }

  async #contextOf(views: readonly MembershipView[]): Promise<ItemContext> {
    const small = views
      .filter(({ memberCount }) => memberCount <= LIMITS.receiptsInConversation)
      .map(({ conversation }) => conversation._id);
    const receipts = new Map<string, Receipt[]>(small.map((id) => [id, []]));
    const found = await this.#deps.members.receiptsOf(small);
    const blocked = await this.#blockedBy(views[0]?.own.userId, found);
    for (const receipt of found) {
      if (!blocked.has(receipt.userId)) receipts.get(receipt.conversationId)?.push(receipt);
    }
    const peers = views.flatMap((view) => peerOf(view) ?? []);
    const userIds = new Set(peers);
    for (const { userId } of [...receipts.values()].flat()) userIds.add(userId);
    const viewerId = views[0]?.own.userId ?? '';
    const [profiles, barriers] = await Promise.all([
      this.#deps.profiles.get([...userIds]),
      this.#deps.blocks.among(viewerId, peers),
    ]);
    return { receipts, profiles, barriers };
  }

  /** Members with a block between them and the viewer: neither sees the receipts of the other. */
  async #blockedBy(viewerId: string | undefined, receipts: readonly Receipt[]) {
    const others = new Set(receipts.map(({ userId }) => userId));
    return this.#deps.blocks.among(viewerId ?? '', [...others]);
  }
}

function peerOf({ conversation, own }: MembershipView): string | undefined {
  if (conversation.kind !== 'direct') return undefined;
  return conversation.founders.find((userId) => userId !== own.userId);
}

/** A receipt as `viewerId` may see it. Users who turned read receipts off show others no `readSeq`. */
function visibleReceipt(
  receipt: Receipt,
  viewerId: string,
  profiles: ReadonlyMap<string, ProfileRecord>,
): Receipt {
  const showsReading = profiles.get(receipt.userId)?.privacy.readReceipts ?? true;
  return receipt.userId === viewerId || showsReading ? receipt : { ...receipt, readSeq: 0 };
}
