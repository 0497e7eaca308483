import type { BlockPolicy } from '@parley/backend-common/domain';
import { LIMITS } from '@parley/common';

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

/** Somebody writing, or not any more. */
interface TypingNotice {
  readonly conversationId: string;
  readonly userId: string;
  readonly typing: boolean;
}

/** Signals remembered of one socket before those that no longer matter are dropped. */
const REMEMBERED = 50;

/** Tells the others in a conversation who is writing. Nothing is stored; receivers let it expire. */
export class TypingService {
  readonly #deps: TypingServiceDeps;
  /** When each socket was last passed on, by conversation and by what it said. */
  readonly #passed = new WeakMap<object, Map<string, number>>();

  constructor(deps: TypingServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Passes a notice on to the other members, but for those between whom and the person there is a block; more than one in 2 s from a socket is dropped silently. That somebody
   * stopped is counted by itself, so that it is not lost behind the notice that it ends.
   * @throws AppError `not_found` for whoever is no member
   */
  async tell(notice: TypingNotice, socket: object): Promise<void> {
    const { conversationId, typing, userId } = notice;
    const { blocks, events, log } = this.#deps;
    const state = await log.state(conversationId);
    requireMember(state, userId);
    if (!this.#isDue(socket, `${conversationId}:${typing}`)) return;
    const shut = await blocks.among(userId, [...state.membership.members.keys()]);
    const exceptUserIds = [userId, ...shut.keys()];
    events.toConversation({ conversationId, exceptUserIds }, 'typing', {
      conversationId,
      userId,
      typing,
      expiresInMs: LIMITS.typingExpires,
    });
  }

  #isDue(socket: object, key: string): boolean {
    const now = this.#deps.monotonic();
    const passed = this.#passed.get(socket) ?? new Map<string, number>();
    this.#passed.set(socket, passed);
    const last = passed.get(key);
    if (last !== undefined && now - last < LIMITS.typingEvery) return false;
    if (passed.size >= REMEMBERED) {
      for (const [old, at] of passed) if (now - at >= LIMITS.typingEvery) passed.delete(old);
    }
    passed.set(key, now);
    return true;
  }
}
