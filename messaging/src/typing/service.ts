import { TokenBuckets } from '@parley/backend-common';
import type { BlockPolicy } from '@parley/backend-common/domain';
import { LIMITS, TYPING_DELIVERIES, type RateLimit } from '@parley/common';

import type { SocketEvents } from '../conversations/ports.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import { requireMember } from '../log/state.ts';

interface TypingServiceDeps {
  readonly log: Pick<ConversationLog, 'state'>;
  readonly events: Pick<SocketEvents, 'toConversation'>;
  readonly blocks: Pick<BlockPolicy, 'among'>;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}

/** A user types in a conversation, or has stopped. */
interface TypingNotice {
  readonly conversationId: string;
  readonly userId: string;
  readonly typing: boolean;
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

  constructor(deps: TypingServiceDeps) {
    this.#deps = deps;
    this.#deliveries = new TokenBuckets(deps.monotonic);
  }

  /**
   * Sends a notice to the other members, except those with a block between them and the user. More than one notice in
   * 2 s from a socket is dropped silently; "typing" and "stopped" are counted apart, so that an end is not lost. So is
   * a notice that would exceed what the user may cause in all conversations together.
   * @throws AppError `not_found` for users who are not members
   */
  async notify(notice: TypingNotice, socket: object): Promise<void> {
    const { conversationId, typing, userId } = notice;
    const { blocks, events, log } = this.#deps;
    const state = await log.state(conversationId);
    requireMember(state, userId);
    if (!this.#isDue(socket, `${conversationId}:${typing}`)) return;
    if (!this.#mayCause(userId, state.membership.members.size)) return;
    const blocked = await blocks.among(userId, [...state.membership.members.keys()]);
    const exceptUserIds = [userId, ...blocked.keys()];
    events.toConversation({ conversationId, exceptUserIds }, 'typing', {
      conversationId,
      userId,
      typing,
      expiresInMs: LIMITS.typingExpires,
    });
  }

  #mayCause(userId: string, deliveries: number): boolean {
    const tokens = Math.max(LEAST, deliveries);
    // One token for all of them.
    const limit: RateLimit = {
      perSecond: TYPING_DELIVERIES.perSecond / tokens,
      burst: TYPING_DELIVERIES.burst / tokens,
    };
    try {
      this.#deliveries.take(userId, limit);
      return true;
    } catch {
      return false;
    }
  }

  #isDue(socket: object, key: string): boolean {
    const now = this.#deps.monotonic();
    const sentAt = this.#lastSent.get(socket) ?? new Map<string, number>();
    this.#lastSent.set(socket, sentAt);
    const last = sentAt.get(key);
    if (last !== undefined && now - last < LIMITS.typingEvery) return false;
    if (sentAt.size >= REMEMBERED) {
      for (const [old, at] of sentAt) if (now - at >= LIMITS.typingEvery) sentAt.delete(old);
    }
    sentAt.set(key, now);
    return true;
  }
}
