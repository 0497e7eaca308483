import { LIMITS } from '@parley/common';
import type { Message } from '@parley/common/contract';

import type { EntryRepository } from '../log/entry-repository.ts';
import type { DeletionApplier } from '../history/deletion-applier.ts';
import { inParallel } from './in-parallel.ts';
import type { LogLagRepository } from './log-lag-repository.ts';
import type { UnreadRepository, SeqRange } from './unread-repository.ts';
import type { MessageViews } from './ports.ts';
import type { MembershipView } from './membership-view.ts';

interface UnreadSummariesDeps {
  readonly entries: Pick<EntryRepository, 'messageRange'>;
  readonly unread: Pick<UnreadRepository, 'countUnread' | 'countUpToLimit' | 'lastMessages'>;
  readonly lag: Pick<LogLagRepository, 'foldsBehind'>;
  readonly deletions: Pick<DeletionApplier, 'applyUpTo'>;
  readonly messages: MessageViews;
}

/** The last message of a conversation and the number of unread ones, for one member. */
export interface UnreadSummary {
  readonly lastMessage: Message | null;
  /** Messages of others after `readSeq`, without deleted ones. At most 100. */
  readonly unreadCount: number;
}

/** Conversations that are read one by one at the same time. */
const WIDTH = 16;
/** Longer ranges are counted one by one, because such a count stops at 100. */
const COUNTED_TOGETHER = 2 * LIMITS.unreadCountMax;

/**
 * Newest entries of a conversation among which unread messages are counted. A member who never reads, but has written
 * more than this since, is shown no earlier unread messages: counting them would mean reading all of its own.
 */
const COUNTED_ENTRIES = 10_000;

/** Computes unread summaries of one user: a few commands for all conversations, single ones for unusual cases. */
export class UnreadSummaries {
  readonly #deps: UnreadSummariesDeps;

  constructor(deps: UnreadSummariesDeps) {
    this.#deps = deps;
  }

  /** Summaries by conversation id, up to the `lastSeq` of each view. */
  async of(views: readonly MembershipView[]): Promise<Map<string, UnreadSummary>> {
    await this.#applyDeletions(views);
    const [messages, counts] = await Promise.all([
      this.#lastMessages(views),
      this.#unreadCounts(views),
    ]);
    return new Map(
      views.map(({ conversation: { _id } }) => [
        _id,
        { lastMessage: messages.get(_id) ?? null, unreadCount: counts.get(_id) ?? 0 },
      ]),
    );
  }

  /** Applies deletions that a crash left unapplied, before any message is read: a deleted message is never shown. */
  async #applyDeletions(views: readonly MembershipView[]): Promise<void> {
    const { deletions, lag } = this.#deps;
    const behind = await lag.foldsBehind(views.map(({ conversation }) => conversation));
    const due = views.filter(({ conversation }) => behind.has(conversation._id));
    await inParallel(due, WIDTH, ({ conversation, lastSeq }) =>
      deletions.applyUpTo(conversation._id, lastSeq),
    );
  }

  async #lastMessages(views: readonly MembershipView[]): Promise<Map<string, Message>> {
    const { entries, messages, unread } = this.#deps;
    // Most logs end with a message. Where one does not, the last message is searched.
    const found = await unread.lastMessages(views.map(visibleRange));
    const shown = await inParallel(views, WIDTH, async (view) => {
      const { conversationId, after, upTo } = visibleRange(view);
      const atEnd = found.get(conversationId);
      const range = { after, before: upTo + 1, limit: 1, from: 'newest' } as const;
      const documents =
        atEnd === undefined ? await entries.messageRange(conversationId, range) : [atEnd];
      return messages.present(documents, { conversationId, joinedSeq: view.joinedSeq });
    });
    return new Map(shown.flat().map((message) => [message.conversationId, message]));
  }

  async #unreadCounts(views: readonly MembershipView[]): Promise<Map<string, number>> {
    const [first] = views;
    if (first === undefined) return new Map();
    const { userId } = first.own;
    const ranges = views.map(unreadRange).filter(({ after, upTo }) => upTo > after);
    const isShort = ({ after, upTo }: SeqRange) => upTo - after <= COUNTED_TOGETHER;
    const limit = LIMITS.unreadCountMax;
    const [counts, others] = await Promise.all([
      this.#deps.unread.countUnread(userId, ranges.filter(isShort)),
      inParallel(
        ranges.filter((range) => !isShort(range)),
        WIDTH,
        async ({ after, conversationId }) => {
          const wanted = { userId, after, limit };
          const count = await this.#deps.unread.countUpToLimit(conversationId, wanted);
          return [conversationId, count] as const;
        },
      ),
    ]);
    const all = [...counts, ...others];
    return new Map(all.map(([conversationId, count]) => [conversationId, Math.min(count, limit)]));
  }
}

function visibleRange({ conversation, joinedSeq, lastSeq }: MembershipView): SeqRange {
  return { conversationId: conversation._id, after: joinedSeq - 1, upTo: lastSeq };
}

function unreadRange({ conversation, joinedSeq, lastSeq, own }: MembershipView): SeqRange {
  const after = Math.max(own.readSeq, joinedSeq - 1, lastSeq - COUNTED_ENTRIES);
  return { conversationId: conversation._id, after, upTo: lastSeq };
}
