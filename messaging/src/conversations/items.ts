import {
  deletedProfile,
  type BlockPolicy,
  type ProfileReader,
  type ProfileRecord,
} from '@parley/backend-common/domain';
import { LIMITS } from '@parley/common';
import type { ConversationItem, Receipt } from '@parley/common/contract';

import type { MemberRepository } from './member-repository.ts';
import type { ConversationNews, News } from './news.ts';
import type { Seat } from './seat.ts';
import type { SummaryWriter } from './summary-writer.ts';

interface ItemsDeps {
  readonly members: Pick<MemberRepository, 'receiptsOf'>;
  readonly news: Pick<ConversationNews, 'of'>;
  readonly profiles: ProfileReader;
  readonly summaries: Pick<SummaryWriter, 'note' | 'pendingAt'>;
  readonly blocks: Pick<BlockPolicy, 'among'>;
}

interface Surroundings {
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
  readonly profiles: ReadonlyMap<string, ProfileRecord>;
}

const NO_NEWS: News = { lastMessage: null, unreadCount: 0 };

/** Makes list items: the only form, with {@link ConversationPresenter}, in which a conversation leaves. */
export class ConversationItems {
  readonly #deps: ItemsDeps;

  constructor(deps: ItemsDeps) {
    this.#deps = deps;
  }

  /** One item for each seat of one person, in the order given. */
  async of(seats: readonly Seat[]): Promise<ConversationItem[]> {
    const [surroundings, news] = await Promise.all([
      this.#surroundings(seats),
      this.#deps.news.of(seats),
    ]);
    return seats.map((seat) => {
      const { lastMessage, unreadCount } = news.get(seat.conversation._id) ?? NO_NEWS;
      return this.#item(seat, { ...surroundings, lastMessage, unreadCount });
    });
  }

  #item(seat: Seat, around: Surroundings & News): ConversationItem {
    const { conversation, joinedSeq, lastSeq, memberCount, own, role, title } = seat;
    const { _id: id, createdAt, createdBy, kind, summary } = conversation;
    const { lastMessage, profiles, receipts, unreadCount } = around;
    const peerId = peerOf(seat);
    const marks = receipts.get(id);
    const { summaries } = this.#deps;
    const pendingAt = summaries.pendingAt(id);
    const lastAt = Math.max(summary.lastAt, pendingAt, lastMessage?.at ?? 0);
    // A summary that is behind with nobody about to write it was lost with a node.
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
      ...(peerId === undefined
        ? {}
        : { peer: profiles.get(peerId)?.profile ?? deletedProfile(peerId) }),
      ...(marks === undefined
        ? {}
        : { receipts: marks.map((mark) => visibleReceipt(mark, own.userId, profiles)) }),
    };
  }

  async #surroundings(seats: readonly Seat[]): Promise<Surroundings> {
    const small = seats
      .filter(({ memberCount }) => memberCount <= LIMITS.receiptsInConversation)
      .map(({ conversation }) => conversation._id);
    const receipts = new Map<string, Receipt[]>(small.map((id) => [id, []]));
    const found = await this.#deps.members.receiptsOf(small);
    const shut = await this.#shut(seats[0]?.own.userId, found);
    for (const receipt of found) {
      if (!shut.has(receipt.userId)) receipts.get(receipt.conversationId)?.push(receipt);
    }
    const people = new Set(seats.flatMap((seat) => peerOf(seat) ?? []));
    for (const { userId } of [...receipts.values()].flat()) people.add(userId);
    return { receipts, profiles: await this.#deps.profiles.get([...people]) };
  }

  /** Those between whom and the viewer there is a block: neither sees how far the other is. */
  async #shut(viewerId: string | undefined, receipts: readonly Receipt[]) {
    const others = new Set(receipts.map(({ userId }) => userId));
    return this.#deps.blocks.among(viewerId ?? '', [...others]);
  }
}

function peerOf({ conversation, own }: Seat): string | undefined {
  if (conversation.kind !== 'direct') return undefined;
  return conversation.founders.find((userId) => userId !== own.userId);
}

/** A receipt as `viewerId` may see it: who keeps reading private shows others no `readSeq`. */
function visibleReceipt(
  receipt: Receipt,
  viewerId: string,
  profiles: ReadonlyMap<string, ProfileRecord>,
): Receipt {
  const showsReading = profiles.get(receipt.userId)?.privacy.readReceipts ?? true;
  return receipt.userId === viewerId || showsReading ? receipt : { ...receipt, readSeq: 0 };
}
