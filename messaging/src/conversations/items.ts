import { deletedProfile, type ProfileReader, type ProfileRecord } from '@parley/backend-common';
import { LIMITS } from '@parley/common';
import type { ConversationItem, MemberRole, Message, Receipt } from '@parley/common/contract';

import type { EntryRepository } from '../log/entry-repository.ts';
import type { OperationFolder } from '../messages/operation-folder.ts';
import type { ConversationDocument } from './conversation-repository.ts';
import { inParallel } from './in-parallel.ts';
import type { LogLagRepository } from './log-lag-repository.ts';
import type { MemberDocument, MemberRepository } from './member-repository.ts';
import type { MessageViews } from './ports.ts';
import type { SummaryWriter } from './summary-writer.ts';

/** A conversation from the place of one of its members, as far as `lastSeq`. */
export interface Seat {
  readonly conversation: ConversationDocument;
  /** The stored membership of who looks: marks and settings. */
  readonly own: MemberDocument;
  readonly title: string | null;
  readonly memberCount: number;
  readonly role: MemberRole | null;
  readonly joinedSeq: number;
  readonly lastSeq: number;
}

interface ItemsDeps {
  readonly entries: Pick<EntryRepository, 'countUnread' | 'messageRange'>;
  readonly members: Pick<MemberRepository, 'receiptsOf'>;
  readonly lag: Pick<LogLagRepository, 'foldsBehind'>;
  readonly folder: Pick<OperationFolder, 'foldUpTo'>;
  readonly messages: MessageViews;
  readonly profiles: ProfileReader;
  readonly summaries: Pick<SummaryWriter, 'pendingAt'>;
}

interface Surroundings {
  readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
  readonly profiles: ReadonlyMap<string, ProfileRecord>;
}

/** Conversations that are looked into at the same time. */
const WIDTH = 16;

/** Makes list items: the only form, with {@link ConversationPresenter}, in which a conversation leaves. */
export class ConversationItems {
  readonly #deps: ItemsDeps;

  constructor(deps: ItemsDeps) {
    this.#deps = deps;
  }

  /** One item for each seat, in the order given. Queries: three for all, and at most two for each seat. */
  async of(seats: readonly Seat[]): Promise<ConversationItem[]> {
    const [surroundings] = await Promise.all([this.#surroundings(seats), this.#fold(seats)]);
    return inParallel(seats, WIDTH, (seat) => this.#item(seat, surroundings));
  }

  /** Folds what a crash left unfolded, before any message is read: what was deleted is not shown. */
  async #fold(seats: readonly Seat[]): Promise<void> {
    const { folder, lag } = this.#deps;
    const behind = await lag.foldsBehind(seats.map(({ conversation }) => conversation));
    const due = seats.filter(({ conversation }) => behind.has(conversation._id));
    await inParallel(due, WIDTH, ({ conversation, lastSeq }) =>
      folder.foldUpTo(conversation._id, lastSeq),
    );
  }

  async #item(seat: Seat, { profiles, receipts }: Surroundings): Promise<ConversationItem> {
    const { conversation, joinedSeq, lastSeq, memberCount, own, role, title } = seat;
    const { _id: id, createdAt, createdBy, kind, summary } = conversation;
    const [lastMessage, unreadCount] = await Promise.all([
      this.#lastMessage(seat),
      this.#unreadCount(seat),
    ]);
    const peerId = peerOf(seat);
    const marks = receipts.get(id);
    const pendingAt = this.#deps.summaries.pendingAt(id);
    return {
      ...{ id, kind, title, avatarId: null, createdAt, createdBy, memberCount },
      ...{ role, joinedSeq, lastSeq, lastMessage, unreadCount },
      lastAt: Math.max(summary.lastAt, pendingAt, lastMessage?.at ?? 0),
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

  async #lastMessage({ conversation, joinedSeq, lastSeq }: Seat): Promise<Message | null> {
    const newest = await this.#deps.entries.messageRange(conversation._id, {
      after: joinedSeq - 1,
      before: lastSeq + 1,
      limit: 1,
      from: 'newest',
    });
    if (newest.length === 0) return null;
    const view = { conversationId: conversation._id, joinedSeq };
    const [message] = await this.#deps.messages.present(newest, view);
    return message ?? null;
  }

  #unreadCount({ conversation, joinedSeq, lastSeq, own }: Seat): Promise<number> {
    const after = Math.max(own.readSeq, joinedSeq - 1);
    if (lastSeq <= after) return Promise.resolve(0);
    const { userId } = own;
    return this.#deps.entries.countUnread(conversation._id, {
      userId,
      after,
      limit: LIMITS.unreadCountMax,
    });
  }

  async #surroundings(seats: readonly Seat[]): Promise<Surroundings> {
    const small = seats
      .filter(({ memberCount }) => memberCount <= LIMITS.receiptsInConversation)
      .map(({ conversation }) => conversation._id);
    const receipts = new Map<string, Receipt[]>(small.map((id) => [id, []]));
    for (const receipt of await this.#deps.members.receiptsOf(small)) {
      receipts.get(receipt.conversationId)?.push(receipt);
    }
    const people = new Set(seats.flatMap((seat) => peerOf(seat) ?? []));
    for (const { userId } of [...receipts.values()].flat()) people.add(userId);
    return { receipts, profiles: await this.#deps.profiles.get([...people]) };
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
