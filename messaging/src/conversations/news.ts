import { LIMITS } from '@parley/common';
import type { Message } from '@parley/common/contract';

import type { EntryRepository } from '../log/entry-repository.ts';
import type { OperationFolder } from '../history/operation-folder.ts';
import { inParallel } from './in-parallel.ts';
import type { LogLagRepository } from './log-lag-repository.ts';
import type { NewsRepository, Stretch } from './news-repository.ts';
import type { MessageViews } from './ports.ts';
import type { Seat } from './seat.ts';

interface NewsDeps {
  readonly entries: Pick<EntryRepository, 'countUnread' | 'messageRange'>;
  readonly news: Pick<NewsRepository, 'countUnread' | 'lastMessages'>;
  readonly lag: Pick<LogLagRepository, 'foldsBehind'>;
  readonly folder: Pick<OperationFolder, 'foldUpTo'>;
  readonly messages: MessageViews;
}

/** What is new in a conversation for one member. */
export interface News {
  readonly lastMessage: Message | null;
  /** Messages of others after `readSeq`, not deleted, counted to 100. */
  readonly unreadCount: number;
}

/** Conversations that are looked into one by one at the same time. */
const WIDTH = 16;
/** Longer stretches are counted one by one, because that count stops at 100. */
const COUNTED_TOGETHER = 2 * LIMITS.unreadCountMax;

/**
 * Entries that are looked at in one conversation at most, from the newest. Who never reads, but has written more than
 * this since, is shown no unread messages from before: counting them would mean reading all of the own ones.
 */
const LOOKED_AT = 10_000;

/** Says what is new in the conversations of one person: few commands for all, single ones for what is unusual. */
export class ConversationNews {
  readonly #deps: NewsDeps;

  constructor(deps: NewsDeps) {
    this.#deps = deps;
  }

  /** News by conversation id, as far as the `lastSeq` of each seat. */
  async of(seats: readonly Seat[]): Promise<Map<string, News>> {
    await this.#fold(seats);
    const [messages, counts] = await Promise.all([
      this.#lastMessages(seats),
      this.#unreadCounts(seats),
    ]);
    return new Map(
      seats.map(({ conversation: { _id } }) => [
        _id,
        { lastMessage: messages.get(_id) ?? null, unreadCount: counts.get(_id) ?? 0 },
      ]),
    );
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

  async #lastMessages(seats: readonly Seat[]): Promise<Map<string, Message>> {
    const { entries, messages, news } = this.#deps;
    // Most logs end with a message; where one does not, the last message is looked for.
    const found = await news.lastMessages(seats.map(seenStretch));
    const shown = await inParallel(seats, WIDTH, async (seat) => {
      const { conversationId, after, upTo } = seenStretch(seat);
      const atEnd = found.get(conversationId);
      const range = { after, before: upTo + 1, limit: 1, from: 'newest' } as const;
      const documents =
        atEnd === undefined ? await entries.messageRange(conversationId, range) : [atEnd];
      return messages.present(documents, { conversationId, joinedSeq: seat.joinedSeq });
    });
    return new Map(shown.flat().map((message) => [message.conversationId, message]));
  }

  async #unreadCounts(seats: readonly Seat[]): Promise<Map<string, number>> {
    const [first] = seats;
    if (first === undefined) return new Map();
    const { userId } = first.own;
    const stretches = seats.map(unreadStretch).filter(({ after, upTo }) => upTo > after);
    const isShort = ({ after, upTo }: Stretch) => upTo - after <= COUNTED_TOGETHER;
    const limit = LIMITS.unreadCountMax;
    const [counts, others] = await Promise.all([
      this.#deps.news.countUnread(userId, stretches.filter(isShort)),
      inParallel(
        stretches.filter((stretch) => !isShort(stretch)),
        WIDTH,
        async ({ after, conversationId }) => {
          const unread = { userId, after, limit };
          const count = await this.#deps.entries.countUnread(conversationId, unread);
          return [conversationId, count] as const;
        },
      ),
    ]);
    const all = [...counts, ...others];
    return new Map(all.map(([conversationId, count]) => [conversationId, Math.min(count, limit)]));
  }
}

function seenStretch({ conversation, joinedSeq, lastSeq }: Seat): Stretch {
  return { conversationId: conversation._id, after: joinedSeq - 1, upTo: lastSeq };
}

function unreadStretch({ conversation, joinedSeq, lastSeq, own }: Seat): Stretch {
  const after = Math.max(own.readSeq, joinedSeq - 1, lastSeq - LOOKED_AT);
  return { conversationId: conversation._id, after, upTo: lastSeq };
}
