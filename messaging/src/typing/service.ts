import { TokenBuckets } from '@parley/backend-common';
import type { BlockPolicy } from '@parley/backend-common/domain';
import { LIMITS, TYPING_DELIVERIES, type RateLimit } from '@parley/common';

import type { SocketEvents } from '../conversations/ports.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import { requireMember } from '../log/state.ts';
import type { Timers } from '../log/timers.ts';
import { NoticeQueue } from './notice-queue.ts';

interface TypingServiceDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly events: Pick<SocketEvents, 'toConversation'>;
  readonly blocks: Pick<BlockPolicy, 'among'>;
  readonly timers: Pick<Timers, 'after'>;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/** A user types in a conversation, or has stopped. */
interface TypingNotice {
  readonly conversationId: string;
  readonly userId: string;
  readonly typing: boolean;
}

/** A notice that its sender may send, with what it costs. */
interface AcceptedNotice extends TypingNotice {
  readonly members: ReadonlyMap<string, unknown>;
  readonly cost: number;
}

/** Deliveries for which a notice counts at least: looking up the conversation costs something too. */
const LEAST = 10;

/** Notices remembered for one socket before expired ones are dropped. */
const REMEMBERED = 50;

/** Sends typing notices to the other members of a conversation. Nothing is stored; receivers let notices expire. */
export class TypingService {
  readonly #deps: TypingServiceDeps;
  /** When the last notice of each socket was sent, by conversation and state. */
  readonly #lastSent = new WeakMap<object, Map<string, number>>();
  /** What users may cause in all their conversations together. */
  readonly #deliveries: TokenBuckets;
  readonly #queue: NoticeQueue<AcceptedNotice>;

  constructor(deps: TypingServiceDeps) {
    this.#deps = deps;
    const { monotonic, timers } = deps;
    this.#deliveries = new TokenBuckets(monotonic);
    this.#queue = new NoticeQueue({ timers, monotonic, send: (notice) => this.#send(notice) });
  }

  /**
   * Sends a notice to the other members, except those with a block between them and the user. More than one notice in
   * 2 s from a socket is dropped silently; "typing" and "stopped" are counted apart, so that an end is not lost. So is
   * a notice that would exceed what the user may cause in all conversations together. What is dropped costs no look at
   * the conversation, so it is dropped for everybody alike.
   * @throws AppError `not_found` for users who are not members
   */
  async notify(notice: TypingNotice, socket: object): Promise<void> {
    const { conversationId, typing, userId } = notice;
    const key = `${conversationId}:${typing}`;
    if (!this.#isDue(socket, key) || !this.#mayCause(userId, LEAST)) return;
    const state = await this.#deps.log.state(conversationId);
    requireMember(state, userId);
    // Another notice may have been sent meanwhile.
    if (!this.#isDue(socket, key)) return;
    this.#noteSent(socket, key);
    const { members } = state.membership;
    const cost = Math.max(LEAST, members.size);
    if (cost > LEAST && !this.#mayCause(userId, cost - LEAST)) return;
    await this.#queue.add({ ...notice, members, cost });
  }

  async #send({ conversationId, members, typing, userId }: AcceptedNotice): Promise<void> {
    const { blocks, events } = this.#deps;
    const blocked = await blocks.among(userId, [...members.keys()]);
    const exceptUserIds = [userId, ...blocked.keys()];
    events.toConversation({ conversationId, exceptUserIds }, 'typing', {
      conversationId,
      userId,
      typing,
      expiresInMs: LIMITS.typingExpires,
    });
  }

  #mayCause(userId: string, deliveries: number): boolean {
    // One token for all of them.
    const limit: RateLimit = {
      perSecond: TYPING_DELIVERIES.perSecond / deliveries,
      burst: TYPING_DELIVERIES.burst / deliveries,
    };
    return this.#deliveries.tryTake(userId, limit);
  }

  #isDue(socket: object, key: string): boolean {
    const last = this.#lastSent.get(socket)?.get(key);
    return last === undefined || this.#deps.monotonic() - last >= LIMITS.typingEvery;
  }

  #noteSent(socket: object, key: string): void {
    const now = this.#deps.monotonic();
    const sentAt = this.#lastSent.get(socket) ?? new Map<string, number>();
    this.#lastSent.set(socket, sentAt);
    if (sentAt.size >= REMEMBERED) {
      for (const [old, at] of sentAt) if (now - at >= LIMITS.typingEvery) sentAt.delete(old);
    }
    sentAt.set(key, now);
  }
}
