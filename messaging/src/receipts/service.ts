import { AppError } from '@parley/common';
import type { OperationInput, Receipt } from '@parley/common/contract';

import type { MembershipProjector } from '../projection/membership-projector.ts';
import type { ConversationLog } from '../log/conversation-log.ts';
import { requireMember, type ConversationState } from '../log/state.ts';
import type { MarkWriter } from './mark-writer.ts';

interface ReceiptServiceDeps {
  readonly log: Pick<ConversationLog, 'state' | 'tails'>;
  readonly marks: Pick<MarkWriter, 'raise'>;
  readonly projector: Pick<MembershipProjector, 'ensure'>;
  /** The highest `seq` that a plain socket has been sent in order; `undefined` for heads sockets. */
  readonly sentThrough: (socketId: string, conversationId: string) => number | undefined;
  /** Where the replay of a session continues. */
  readonly cursors: {
    /** Does nothing for a session without cursors. */
    raise(sessionId: string, conversationId: string, seq: number): Promise<unknown>;
  };
}

/** A member has read everything up to `seq`, in this session. */
export interface ReadReceipt {
  readonly userId: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly sessionId: string;
}

/** Who acknowledges, and through which socket; absent over HTTP. */
export interface Acknowledger {
  readonly userId: string;
  readonly sessionId: string;
  readonly socketId: string | undefined;
}

type Acknowledged = 'delivered' | 'read';

/** Accepts acknowledgements of members, each for all entries up to a `seq`. */
export class ReceiptService {
  readonly #deps: ReceiptServiceDeps;
  readonly #listeners: ((read: ReadReceipt) => void)[] = [];

  constructor(deps: ReceiptServiceDeps) {
    this.#deps = deps;
  }

  /** Calls `listener` with each `receipt:read` that was stored, before it is acknowledged. It must not throw. */
  subscribe(listener: (read: ReadReceipt) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Raises the mark of the caller, limited to what it can have: what was sent to a plain socket, else the newest entry.
   * Resolves when it is stored, with the receipt after the write.
   * @throws AppError `not_found`, `unavailable`
   */
  async acknowledge(
    what: Acknowledged,
    { conversationId, seq }: OperationInput<'receipt:read'>,
    { sessionId, socketId, userId }: Acknowledger,
  ): Promise<Receipt> {
    const { cursors, marks, projector, sentThrough } = this.#deps;
    const state = await this.#stateUpTo(conversationId, seq);
    requireMember(state, userId);
    const sent = socketId === undefined ? undefined : sentThrough(socketId, conversationId);
    const upTo = Math.min(seq, state.seq, sent ?? state.seq);
    const mark = {
      conversationId,
      userId,
      deliveredSeq: upTo,
      ...(what === 'read' ? { readSeq: upTo } : {}),
    };
    const hasCursor = socketId === undefined || sent !== undefined;
    const [receipt] = await Promise.all([
      marks.raise(mark),
      hasCursor ? cursors.raise(sessionId, conversationId, upTo) : undefined,
    ]);
    // A membership that is in the log but not stored is about to be written, or was lost when a node crashed.
    const stored = receipt ?? (await projector.ensure(state).then(() => marks.raise(mark)));
    if (stored === undefined) throw new AppError('not_found', 'The conversation does not exist');
    if (what === 'read') {
      const read = { userId, conversationId, seq: stored.readSeq, sessionId };
      for (const listener of this.#listeners) listener(read);
    }
    return stored;
  }

  /** The state up to at least `seq`, or to the end of the log. Reads the database only if this node does not know `seq`. */
  async #stateUpTo(conversationId: string, seq: number): Promise<ConversationState> {
    const state = await this.#deps.log.state(conversationId);
    if (seq <= state.seq) return state;
    const tails = await this.#deps.log.tails([conversationId]);
    return this.#deps.log.state(conversationId, tails.get(conversationId));
  }
}
